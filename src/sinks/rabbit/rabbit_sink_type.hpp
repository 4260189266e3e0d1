#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/sink.hpp"
#include "sinks/rabbit/rabbit_destination.hpp"
#include "sinks/rabbit/rabbit_limits.hpp"

namespace headwater::sinks {

class RabbitLink;

/// The kind of stream that publishes to an exchange of a configured RabbitMQ broker (AMQP 0-9-1, publisher
/// confirms).
class RabbitSinkType final : public SinkType {
  public:
    explicit RabbitSinkType(std::vector<RabbitBroker> brokers, const RabbitLimits& limits = {})
        : brokers_(std::move(brokers)), limits_(limits) {}

    [[nodiscard]] std::string_view source() const override { return "rabbit"; }
    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view stream_json, std::optional<std::string_view> stored) const override;
    [[nodiscard]] std::string describe(std::string_view destination) const override;
    /// Declares the exchange; the error says how an existing one differs.
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view destination) const override;
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId stream, std::string_view destination) const override;

  private:
    [[nodiscard]] RabbitBroker find_broker(const std::string& name) const;
    [[nodiscard]] std::shared_ptr<RabbitLink> link_to(const RabbitDestination& to) const;

    std::vector<RabbitBroker> brokers_;
    RabbitLimits limits_;
    mutable std::mutex mutex_;
    // By broker and vhost; a link lives as long as a stream uses it.
    mutable std::map<std::pair<std::string, std::string>, std::weak_ptr<RabbitLink>>
        links_;  // guarded by mutex_
};

}  // namespace headwater::sinks
