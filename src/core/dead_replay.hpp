#pragma once

#include <deque>
#include <vector>

#include "core/replay_runner.hpp"

namespace headwater {

/// Replays the dead events of a range: makes them failing events of the stream again, oldest first and a few
/// at a time, with all their attempts before them. The store lists them newest first, so it first goes down
/// to the oldest, keeping one id a page.
class DeadReplay final : public ReplayRunner {
  public:
    static constexpr std::size_t kPageEvents = 500;
    static constexpr std::size_t kMostUnderWay = 250;  ///< of the stream's rows

    DeadReplay(const Replay& replay, StreamRunner& stream, StreamHost& host);

    void restart(const StreamMoment& moment) override;
    void advance(const StreamMoment& moment) override;
    void on_dead(const std::optional<DeadPage>& page, const StreamMoment& moment) override;
    void on_row(ReplayedRow outcome) override;

    [[nodiscard]] std::optional<TimePoint> next_wake(const StreamMoment& moment) const override;
    [[nodiscard]] Cursor cursor() const override { return replay_.cursor; }
    [[nodiscard]] bool is_done() const override {
        return has_come_down_ && bounds_.empty() && waiting_.empty() && !is_reading_ && under_way_ <= 0;
    }

  private:
    void go_down(const DeadPage& page);
    void take_up(const DeadPage& page);

    std::vector<EventId> bounds_;  // what is still to be read: the pages below each, the oldest at the back
    bool has_come_down_ = false;
    bool is_reading_ = false;
    std::deque<FailingEvent> waiting_;
    std::int64_t under_way_ = 0;  // revived and not tried yet
    OutageBackoff backoff_;
    TimePoint not_before_ = TimePoint::min();
};

}  // namespace headwater
