#include "sinks/webhook/webhook_target.hpp"

#include <fmt/format.h>

namespace headwater::sinks {

std::shared_ptr<const WebhookTarget> WebhookTarget::make(WebhookDestination to) {
    auto secret = WebhookSecret::parse(to.secret);
    auto uri = WebhookUri::parse(to.uri);
    if (!secret || !uri) return nullptr;
    WebhookTarget target{.to = std::move(to), .uri = std::move(*uri), .secret = std::move(*secret)};
    for (const auto& [text, until] : target.to.former_secrets) {
        if (auto former = WebhookSecret::parse(text)) {
            target.former_secrets.emplace_back(std::move(*former), until);
        }
    }
    target.request_start = fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: */*",
                                       target.uri.target, target.uri.authority(), kUserAgent);
    return std::make_shared<const WebhookTarget>(std::move(target));
}

std::string WebhookTarget::sign(std::string_view id, std::string_view timestamp, std::string_view body,
                                Timestamp now) const {
    std::string signatures = secret.sign(id, timestamp, body);
    for (const auto& [former, until] : former_secrets) {
        if (now < until) signatures += " " + former.sign(id, timestamp, body);
    }
    return signatures;
}

}  // namespace headwater::sinks
