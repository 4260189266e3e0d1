#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "loop.hpp"
#include "publisher.hpp"
#include "subscriber.hpp"

namespace headwater::bench {

/// One run, as the command line describes it.
struct Plan {
    SubscriberPlan subscribers;
    std::size_t subscriber_count = 0;
    std::size_t stalled_count = 0;
    std::size_t handshakes = 256;  ///< under way at a time
    std::string post_target;
    std::string body;
    std::size_t publisher_count = 0;
    std::uint64_t events = 0;     ///< to be published, as fast as the answers come
    double rate = 0;              ///< or so many a second …
    std::chrono::seconds time{};  ///< … for so long
    bool holds = false;           ///< keep the subscribers until standard input ends
    std::chrono::seconds patience{30};
};

/// Connects the subscribers, publishes, waits until everything has arrived, and tells about it as one line of
/// JSON.
class Run {
  public:
    explicit Run(const Plan& plan) : plan_(plan) { subscribers_.expected = expected_events(); }
    /// False when something failed or went missing.
    bool execute();

  private:
    using Time = std::chrono::steady_clock::time_point;

    [[nodiscard]] std::uint64_t expected_events() const;
    [[nodiscard]] std::uint64_t expected_in_all() const;
    void connect_subscribers();
    void connect_publishers();
    void hold();
    void publish();
    void publish_what_is_due(Time began);
    void report(std::chrono::duration<double> took) const;
    [[nodiscard]] bool has_everything() const;

    const Plan plan_;
    SubscriberPlan subscribers_ = plan_.subscribers;
    Loop loop_;
    Received received_;
    Publishing publishing_;
    std::deque<Subscriber> open_;
    std::deque<StalledSubscriber> stalled_;
    std::deque<Publisher> publishers_;
    std::uint64_t released_ = 0;  ///< of a paced run: what was due so far
    std::chrono::duration<double> connecting_{};
};

}  // namespace headwater::bench
