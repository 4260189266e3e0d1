#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/sink.hpp"
#include "sinks/curl/curl_client.hpp"
#include "sinks/webhook/webhook_transfer.hpp"

namespace headwater::sinks {

using WebhookClient = CurlClient<WebhookTransfer>;

/// One stream's way to its webhook. All of them share the client.
class WebhookSink final : public Sink {
  public:
    WebhookSink(std::shared_ptr<WebhookClient> client, std::shared_ptr<const WebhookTarget> target)
        : client_(std::move(client)), target_(std::move(target)), key_(client_->new_sink()) {}
    ~WebhookSink() override { client_->close_sink(key_); }

    void deliver(Delivery delivery) override { client_->deliver({key_, target_, std::move(delivery)}); }
    [[nodiscard]] std::size_t window() const override { return target_->to.max_in_flight; }
    [[nodiscard]] std::vector<std::chrono::seconds> retries() const override { return target_->to.retries; }

  private:
    std::shared_ptr<WebhookClient> client_;
    std::shared_ptr<const WebhookTarget> target_;
    SinkKey key_;
};

}  // namespace headwater::sinks
