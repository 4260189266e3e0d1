#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/sink.hpp"
#include "sinks/webhook/address_guard.hpp"

namespace headwater::sinks {

template <class Transfer>
class CurlClient;
class HttpClient;
class WebhookTransfer;

/// The kind of stream that posts each event to an http(s) address, signed as in Standard Webhooks 1.0.0.
class WebhookSinkType final : public SinkType {
  public:
    /// `allow`: networks (CIDR) that may be reached although they are private. Throws std::invalid_argument
    /// for a bad one.
    explicit WebhookSinkType(const std::vector<std::string>& allow);
    ~WebhookSinkType() override;

    [[nodiscard]] std::string_view source() const override { return "webhook"; }
    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view stream_json, std::optional<std::string_view> stored) const override;
    [[nodiscard]] std::string describe(std::string_view destination) const override;
    /// Nothing to look at: a webhook has no state of its own, and an unasked request would be one delivery
    /// too many.
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view destination) const override;
    [[nodiscard]] std::expected<ParsedDestination, std::string> rotate_secret(std::string_view destination,
                                                                              Timestamp now) const override;
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId stream, std::string_view destination) const override;

  private:
    AddressGuard guard_;
    std::shared_ptr<CurlClient<WebhookTransfer>> curl_client_;
    std::vector<std::shared_ptr<HttpClient>> http_clients_;  // a host is always served by the same one
};

}  // namespace headwater::sinks
