#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/sink.hpp"
#include "sinks/webhook/webhook_target.hpp"

namespace headwater::sinks {

/// One stream's way to its webhook. `Client` carries it out, for many: HttpClient what is plain HTTP, and
/// CurlClient<WebhookTransfer> what goes over TLS.
template <class Client>
class WebhookSink final : public Sink {
  public:
    WebhookSink(std::shared_ptr<Client> client, std::shared_ptr<const WebhookTarget> target)
        : client_(std::move(client)), target_(std::move(target)), key_(client_->new_sink()) {}
    ~WebhookSink() override { client_->close_sink(key_); }

    void deliver(Delivery delivery) override { client_->deliver({key_, target_, std::move(delivery)}); }
    /// A client that keeps to what the destination allows gets as many again, so that one request begins the
    /// moment another ends.
    [[nodiscard]] std::size_t window() const override {
        return target_->to.max_in_flight * (Client::kKeepsToLimit ? 2 : 1);
    }
    [[nodiscard]] std::vector<std::chrono::seconds> retries() const override { return target_->to.retries; }

  private:
    std::shared_ptr<Client> client_;
    std::shared_ptr<const WebhookTarget> target_;
    SinkKey key_;
};

}  // namespace headwater::sinks
