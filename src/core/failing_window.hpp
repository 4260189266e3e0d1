#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/delivery_store.hpp"
#include "core/event.hpp"

namespace headwater {

/// The failing events of one stream that have a row: they no longer hold the cursor, and keep no body while
/// they wait. One that is due is absent until its body is loaded again. Owned by a FailingLane; one thread.
class FailingWindow {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    enum class State { waiting, held, absent, loading, ready, in_flight };
    /// own: the stream set it aside while this node ran it; read: it stood in the store.
    enum class Origin { own, read };
    struct Item {
        FailingEvent row;
        Origin origin = Origin::own;
        State state = State::waiting;
        TimePoint due{};           ///< when waiting
        EventPtr event = nullptr;  ///< when ready or in flight
    };

    /// Waiting until `due`, or held when its row says so. An event that is there already stays as it is.
    void add(FailingEvent row, TimePoint due, Origin origin);
    [[nodiscard]] bool contains(EventId event) const { return items_.contains(event); }
    [[nodiscard]] Item* find(EventId event);
    /// The item when it is in this state; null otherwise.
    [[nodiscard]] Item* find(EventId event, State state);

    /// The lowest that may be sent now; null when there is none.
    [[nodiscard]] Item* next_ready();
    void begin(Item& item) { set_state(item, State::in_flight); }
    /// Failed: lets the body go and waits.
    void wait(Item& item, TimePoint due);
    /// Not tried, in truth: the same attempt again as soon as the destination is back.
    void send_again(Item& item) { set_state(item, State::ready); }
    void forget(EventId event);
    /// Held no longer.
    void release(Item& item) { set_state(item, State::absent); }
    /// Makes those absent whose next attempt is due.
    void release_due(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> next_due() const;

    /// Up to `limit` absent ones, which are then being loaded.
    [[nodiscard]] std::vector<Cursor> begin_load(std::size_t limit);
    void on_loaded(Item& item, EventPtr event);
    /// The log could not be read: absent again.
    void on_load_failed(Item& item) { set_state(item, State::absent); }

    [[nodiscard]] std::size_t size() const { return items_.size(); }
    [[nodiscard]] std::size_t own() const { return own_; }
    [[nodiscard]] std::size_t read() const { return items_.size() - own_; }
    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    [[nodiscard]] std::size_t absent() const { return absent_.size(); }
    [[nodiscard]] std::size_t ready() const { return ready_.size(); }
    /// Those that are on their way: absent, being loaded, ready or in flight.
    [[nodiscard]] std::size_t under_way() const { return items_.size() - waiting_.size() - held_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// True when one of them has failed before (what an operator revived has not).
    [[nodiscard]] bool has_failing() const { return failing_ > 0; }

  private:
    void set_state(Item& item, State state);
    void drop_body(Item& item);

    std::map<EventId, Item> items_;
    std::set<EventId> ready_;
    std::set<EventId> absent_;
    std::set<std::pair<TimePoint, EventId>> waiting_;
    std::size_t held_ = 0;
    std::size_t own_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t failing_ = 0;  // with attempts > 0
    std::size_t bytes_ = 0;
};

}  // namespace headwater
