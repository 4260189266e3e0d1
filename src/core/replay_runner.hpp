#pragma once

#include <optional>
#include <utility>

#include "core/stream_runner.hpp"
#include "core/token_bucket.hpp"

namespace headwater {

/// Carries a part of the log to a stream's destination once more, beside the stream's own flow: how far it
/// has come and what became of it. A kind of replay does the rest. Owned by StreamReplays; driven by the
/// dispatcher's thread. What fails becomes one of the stream's failing events.
class ReplayRunner {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    ReplayRunner(const Replay& replay, StreamRunner& stream, StreamHost& host);
    virtual ~ReplayRunner() = default;
    ReplayRunner(const ReplayRunner&) = delete;
    ReplayRunner& operator=(const ReplayRunner&) = delete;

    /// Begins anew from its cursor: the stream has begun a new life.
    virtual void restart(const StreamMoment& moment) = 0;
    virtual void advance(const StreamMoment& moment) = 0;
    /// Sends nothing more.
    void drain() { is_draining_ = true; }
    virtual void on_page(std::optional<LogPage> /*page*/, const StreamMoment& /*moment*/) {}
    virtual void on_dead(const std::optional<DeadPage>& /*page*/, const StreamMoment& /*moment*/) {}
    virtual void on_settled(EventId /*event*/, const DeliveryResult& /*result*/,
                            const StreamMoment& /*moment*/) {}
    /// What became of a row that carries this replay's id, the first time.
    virtual void on_row(ReplayedRow /*outcome*/) {}
    /// Before a save: gives rows to what has failed.
    virtual void give_rows(const StreamMoment& /*moment*/) {}

    [[nodiscard]] virtual std::optional<TimePoint> next_wake(const StreamMoment& moment) const = 0;
    [[nodiscard]] virtual std::size_t in_flight() const { return 0; }
    [[nodiscard]] virtual std::size_t bytes() const { return 0; }
    [[nodiscard]] virtual Cursor cursor() const = 0;
    [[nodiscard]] virtual bool is_done() const = 0;

    [[nodiscard]] ReplayId id() const { return replay_.id; }
    [[nodiscard]] RunnerGeneration generation() const { return generation_; }
    /// What has changed since the last save that worked; nothing when nothing has.
    [[nodiscard]] std::optional<ReplayProgress> take_progress();
    void on_saved(bool is_saved);
    /// Done, and that is stored.
    [[nodiscard]] bool is_over() const { return is_over_; }

  protected:
    [[nodiscard]] RunnerKey key() const { return {stream_.stream().id, replay_.id, generation_}; }
    void begin_generation() { generation_ = host_.next_generation(); }

    Replay replay_;  // with the tally so far
    StreamRunner& stream_;
    StreamHost& host_;
    TokenBucket tokens_;
    bool is_draining_ = false;

  private:
    [[nodiscard]] ReplayProgress progress() const;

    RunnerGeneration generation_;
    std::optional<ReplayProgress> saved_;
    std::optional<ReplayProgress> saving_;
    bool is_over_ = false;
};

}  // namespace headwater
