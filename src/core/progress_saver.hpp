#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/delivery_store.hpp"
#include "core/dispatcher_inbox.hpp"
#include "core/work_pool.hpp"

namespace headwater {

/// Saves what the streams have done: all of them in one transaction a second, on a reader thread. Idle
/// streams, whose cursors move with the log, take their turns (kIdlePerSave a second), so that 10,000 of them
/// cost little. Belongs to the dispatcher's thread.
class ProgressSaver {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    /// What a save needs of the streams.
    struct Streams {
        /// What the stream has to save now; nothing when it is not run here.
        std::function<std::optional<StreamProgress>(StreamId)> take;
        /// What was taken is stored, or (not) is to be taken again.
        std::function<void(StreamId, std::int64_t epoch, bool is_saved)> on_saved;
        /// The stream is another node's.
        std::function<void(StreamId, std::int64_t epoch)> on_refused;
    };
    static constexpr std::chrono::seconds kInterval{1};
    static constexpr std::size_t kIdlePerSave = 200;

    ProgressSaver(DeliveryStore& store, WorkPool& pool, std::shared_ptr<DispatcherInbox> inbox,
                  Streams streams);

    /// The stream may have something to save.
    void touch(StreamId stream) { touched_.insert(stream); }
    /// The log has grown, so every idle stream's cursor has moved.
    void note_tail_moved() { idle_left_ = idle_.size(); }
    void set_streams(std::vector<StreamId> streams);
    void forget(StreamId stream);

    /// Begins a save when one is due and none is under way.
    void tick(TimePoint now);
    /// Begins a save of everything at once. False when there is nothing to save or one is under way.
    bool save_all();
    void on_saved(const DispatcherInbox::ProgressSaved& saved);
    [[nodiscard]] bool is_saving() const { return is_saving_; }
    /// When tick() has something to do; nothing while all is saved.
    [[nodiscard]] std::optional<TimePoint> next_tick() const;

  private:
    struct Saving {
        StreamId stream;
        std::int64_t epoch;
        Position position;
    };
    bool save(std::size_t idle_count);
    void collect(StreamId stream, std::vector<StreamProgress>& all) const;

    DeliveryStore& store_;
    WorkPool& pool_;
    std::shared_ptr<DispatcherInbox> inbox_;
    Streams streams_;
    std::unordered_set<StreamId> touched_;
    std::vector<StreamId> idle_;  // all streams, taken in turns
    std::size_t idle_next_ = 0;
    std::size_t idle_left_ = 0;  // how many have not had their turn since the log grew
    std::unordered_map<StreamId, Position> saved_;
    std::vector<Saving> saving_;
    bool is_saving_ = false;
    TimePoint next_ = TimePoint::min();
};

}  // namespace headwater
