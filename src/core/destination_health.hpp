#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "core/circuit_breaker.hpp"
#include "core/retry_policy.hpp"

namespace headwater {

/// Says how many deliveries a destination may be given at once, by how it has answered: none while it rests
/// after an outage or with its circuit open, then one as a probe, then twice as many with each success. Owned
/// by a StreamRunner; one thread.
class DestinationHealth {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kCircuitRest{30};

    /// True when this success ends an outage or closes the circuit.
    bool note_delivered(TimePoint now);
    /// The destination answered, but refused one event. Too many of these open the circuit.
    void note_failed(TimePoint now);
    /// The same for a strict stream, whose one failing event has a schedule of its own and opens no circuit.
    void note_failed_in_order();
    /// Go on with one delivery and ramp up from there.
    void restart_ramp() { allowed_ = 1; }
    /// The destination is away: rest, longer each time.
    void note_unavailable(TimePoint now);
    /// How many may be in flight now.
    [[nodiscard]] std::size_t allowance(TimePoint now) const { return now < rest_until_ ? 0 : allowed_; }
    /// When allowance() becomes more than 0 again; nothing when it is already.
    [[nodiscard]] std::optional<TimePoint> rests_until(TimePoint now) const;
    /// True from the first sign of an outage until a delivery succeeds.
    [[nodiscard]] bool is_away() const { return is_away_ || is_open_; }

  private:
    static constexpr std::size_t kUnlimited = std::size_t{1} << 20;

    OutageBackoff backoff_;
    std::unique_ptr<CircuitBreaker> breaker_;  // made by the first failure: most streams never need one
    std::size_t allowed_ = kUnlimited;
    TimePoint rest_until_ = TimePoint::min();
    bool is_away_ = false;
    bool is_open_ = false;
};

}  // namespace headwater
