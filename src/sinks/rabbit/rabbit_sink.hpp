#pragma once

#include <memory>
#include <utility>

#include "core/sink.hpp"
#include "sinks/rabbit/rabbit_link.hpp"

namespace headwater::sinks {

/// One stream's way to its exchange. Shares the link with the other streams of the same broker and vhost.
class RabbitSink final : public Sink {
  public:
    static constexpr std::size_t kWindow = 1000;

    RabbitSink(std::shared_ptr<RabbitLink> link, RabbitDestination to)
        : link_(std::move(link)),
          to_(std::make_shared<const RabbitDestination>(std::move(to))),
          key_(link_->new_sink()) {}
    ~RabbitSink() override { link_->close_sink(key_); }

    void deliver(Delivery delivery) override { link_->deliver({key_, to_, std::move(delivery)}); }
    [[nodiscard]] std::size_t window() const override { return kWindow; }
    [[nodiscard]] bool keeps_order() const override { return true; }

  private:
    std::shared_ptr<RabbitLink> link_;
    std::shared_ptr<const RabbitDestination> to_;
    SinkKey key_;
};

}  // namespace headwater::sinks
