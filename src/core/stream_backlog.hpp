#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "core/event_log.hpp"
#include "core/stream.hpp"

namespace headwater {

/// The events that a stream will send next, in log order. At the head of the log it takes them as they are
/// appended; once too many wait it lets them go and reads them from the log in pages later. Knows up to where
/// everything has been taken in. Owned by a StreamRunner; one thread.
class StreamBacklog {
  public:
    static constexpr std::size_t kMaxEvents = 2000;    ///< beyond, the stream falls behind and reads the log
    static constexpr std::size_t kMaxBytes = 4 << 20;  ///< of events that wait here; one event always fits
    static constexpr std::size_t kPageEvents = 1000;
    static constexpr std::size_t kPageBytes = 2 << 20;

    explicit StreamBacklog(Cursor from) : read_position_(from) {}

    /// Forgets what waits and begins again behind this cursor.
    void restart(Cursor from);

    /// An event that was just appended and that the stream wants. `is_tight`: memory is short, keep only what
    /// is needed to go on.
    void offer(const EventPtr& event, bool is_tight);
    /// Everything up to `tail` has been offered. A backlog that had taken in everything before is at the head
    /// from here on.
    void note_tail(Cursor tail);
    /// Events after the read position were let go elsewhere: read them from the log.
    void fall_behind(Cursor tail);

    /// What to read next; nothing while a page is on its way, enough waits, or the stream is at the head. The
    /// caller must answer with add_page or note_read_failed. The read has no type yet.
    [[nodiscard]] std::optional<LogRead> begin_read(Cursor tail);
    void add_page(LogPage page);
    void note_read_failed() { reading_through_.reset(); }

    [[nodiscard]] EventPtr pop();  ///< null when nothing waits
    [[nodiscard]] const EventPtr* front() const { return queue_.empty() ? nullptr : &queue_.front(); }
    [[nodiscard]] bool is_at_head() const { return is_at_head_; }
    [[nodiscard]] bool is_reading() const { return reading_through_.has_value(); }
    [[nodiscard]] std::size_t size() const { return queue_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// Every event that the stream wants, at or below, has come through here.
    [[nodiscard]] Cursor read_position(Cursor tail) const;

  private:
    [[nodiscard]] bool has_room(const Event& event, bool is_tight) const;
    void take(const EventPtr& event);
    void remember(const EventPtr& event, bool is_tight);
    void take_fresh();

    std::deque<EventPtr> queue_;
    std::size_t bytes_ = 0;  // of queue_ and fresh_
    Cursor read_position_;
    bool is_at_head_ = false;
    std::optional<Cursor> reading_through_;  // while a page is on its way: the tail when it was asked for
    std::deque<EventPtr> fresh_;             // offered since then: they follow that page if it is the last
    bool is_fresh_complete_ = true;
};

}  // namespace headwater
