#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/sink.hpp"
#include "sinks/task_queue.hpp"
#include "sinks/webhook/webhook_destination.hpp"
#include "sinks/webhook/webhook_signature.hpp"
#include "sinks/webhook/webhook_uri.hpp"

namespace headwater::sinks {

/// What a stream's deliveries have in common; made once when the sink is opened. Immutable.
struct WebhookTarget {
    WebhookDestination to;
    WebhookUri uri;
    WebhookSecret secret;
    std::vector<std::pair<WebhookSecret, Timestamp>> former_secrets{};  ///< each signs too until its end
    std::string request_start{};  ///< of an HTTP/1.1 request: its line and the headers that never change

    /// Nothing when the stored secret cannot be read.
    [[nodiscard]] static std::shared_ptr<const WebhookTarget> make(WebhookDestination to);
    [[nodiscard]] bool wants_cloud_events() const {
        return to.format == WebhookDestination::Format::cloudevents;
    }
    /// The value of `webhook-signature`: one signature of each secret that is valid `now`, the newest first.
    [[nodiscard]] std::string sign(std::string_view id, std::string_view timestamp, std::string_view body,
                                   Timestamp now) const;
};

/// One event on its way to a webhook.
struct WebhookTask {
    SinkKey sink{};
    std::shared_ptr<const WebhookTarget> target;
    Delivery delivery;
};

inline constexpr const char* kUserAgent = "Headwater";

/// The time of an attempt, for its signature.
[[nodiscard]] inline Timestamp signing_time() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// Shows the headers of one delivery, the name first, apart from those that any HTTP request has.
template <class Visit>
void for_each_header(const WebhookTarget& target, const Delivery& delivery, std::string_view body,
                     Timestamp now, Visit visit) {
    const std::string id = to_string(delivery.event->id);
    const std::string timestamp =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
    visit("Content-Type", target.wants_cloud_events() ? "application/cloudevents+json" : "application/json");
    visit("webhook-id", id);
    visit("webhook-timestamp", timestamp);
    visit("webhook-signature", target.sign(id, timestamp, body, now));
    if (delivery.replay.value != 0) visit("Headwater-Replay", to_string(delivery.replay));
    for (const auto& [name, value] : target.to.headers)
        visit(std::string_view(name), std::string_view(value));
}

}  // namespace headwater::sinks
