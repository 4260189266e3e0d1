#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <string>

#include "core/destination_health.hpp"
#include "core/retry_policy.hpp"
#include "core/sink.hpp"
#include "core/stream_host.hpp"

namespace headwater {

/// A stream's destination as a runner uses it: opened by the first event, with its schedule of retries and
/// how it has answered. Owned by a runner; one thread.
class DestinationLink {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    DestinationLink(StreamHost& host, unsigned seed) : host_(host), random_(seed) {}
    ~DestinationLink();
    DestinationLink(const DestinationLink&) = delete;
    DestinationLink& operator=(const DestinationLink&) = delete;

    /// Opens the sink if it is not open. False when it cannot be now; `error` then says why, if it is news.
    bool open(const Stream& stream, const StreamMoment& moment, std::string& error);
    /// Closes the sink and forgets how it has answered.
    void restart();
    /// How many deliveries may be under way now; 0 while the destination rests or is not open.
    [[nodiscard]] std::size_t allowance(TimePoint now) const;
    /// The sink's own window; 1 while it is not open, and where a strict order asks for it.
    [[nodiscard]] std::size_t window() const { return sink_ && !is_one_by_one_ ? sink_->window() : 1; }
    /// When the attempt after this many failed ones is due.
    [[nodiscard]] TimePoint next_attempt(int attempts, const DeliveryResult& result, TimePoint now);
    /// True when an event that is not strict has had all its attempts.
    [[nodiscard]] bool is_given_up(int attempts, const DeliveryResult& result) const {
        return result.outcome == DeliveryResult::Outcome::rejected || retries_.is_exhausted(attempts);
    }

    [[nodiscard]] Sink& sink() { return *sink_; }
    [[nodiscard]] DestinationHealth& health() { return health_; }
    [[nodiscard]] const DestinationHealth& health() const { return health_; }

  private:
    StreamHost& host_;
    std::unique_ptr<Sink> sink_;
    bool is_one_by_one_ = false;
    RetryPolicy retries_;
    DestinationHealth health_;
    std::minstd_rand random_;
};

}  // namespace headwater
