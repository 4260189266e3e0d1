#pragma once

#include "core/destination_link.hpp"
#include "core/flow_lane.hpp"
#include "core/replay_runner.hpp"

namespace headwater {

/// Replays a range of the log: every event of it that the stream wants, through a sink of its own, with a
/// quarter of the stream's window. Never goes past the stream's own cursor: what is still to come is not a
/// repetition.
class RangeReplay final : public ReplayRunner {
  public:
    RangeReplay(const Replay& replay, StreamRunner& stream, StreamHost& host);

    void restart(const StreamMoment& moment) override;
    void advance(const StreamMoment& moment) override;
    void on_page(std::optional<LogPage> page, const StreamMoment& moment) override;
    void on_settled(EventId event, const DeliveryResult& result, const StreamMoment& moment) override;
    void give_rows(const StreamMoment& moment) override;

    [[nodiscard]] std::optional<TimePoint> next_wake(const StreamMoment& moment) const override;
    [[nodiscard]] std::size_t in_flight() const override { return flow_.window().in_flight(); }
    [[nodiscard]] std::size_t bytes() const override { return flow_.bytes(); }
    [[nodiscard]] Cursor cursor() const override { return flow_.cursor(upto_); }
    [[nodiscard]] bool is_done() const override {
        return upto_.position >= replay_.what.through && flow_.is_idle();
    }

  private:
    bool send_next(const StreamMoment& moment);
    void move_end(const StreamMoment& moment);
    void leave_subject(const Event& event);
    void note_attempt(const FlowLane::Item& item, const DeliveryResult& result, const StreamMoment& moment);
    [[nodiscard]] std::size_t window() const;
    [[nodiscard]] SubjectQueues* subjects();

    FlowLane flow_;
    SubjectQueues subjects_;
    DestinationLink destination_;
    Cursor upto_;  // what may be read so far
};

}  // namespace headwater
