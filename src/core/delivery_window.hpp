#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/event.hpp"
#include "core/sink.hpp"
#include "core/stream.hpp"

namespace headwater {

/// The events of one stream that were taken from its backlog, are not settled and have no row: in flight, set
/// aside until their next attempt or until they get a row, held behind an event of the same subject, or
/// (strict) confirmed behind one that is not. The lowest of them holds the cursor. Owned by a runner; one
/// thread.
class DeliveryWindow {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMaxSetAside = 1000;
    static constexpr std::size_t kMaxBytes = 16 << 20;  ///< of all events in here; one always fits

    enum class ItemState { ready, in_flight, set_aside, held, confirmed, dead };
    struct Item {
        EventPtr event;
        ItemState state = ItemState::ready;
        int attempts = 0;  ///< failed ones
        TimePoint due{};   ///< of the next attempt, when it has failed
        std::string last_error{};
        int last_status = 0;
        std::string progress{};     ///< the sink's own, see DeliveryResult
        bool has_wish = false;      ///< the destination itself asked for this wait
        bool is_forwarded = false;  ///< tried before its time: a failure is not counted again
    };

    explicit DeliveryWindow(StreamOrder order) : order_(order) {}

    /// Adds the next event of the backlog.
    void add(EventPtr event);
    /// The same, but it is held until release(): an earlier event of its subject is not settled.
    void add_held(EventPtr event);
    /// False when this event is not held in here.
    bool release(EventId id);
    /// The lowest event that may be sent now; null when there is none. begin() or settle() it before asking
    /// again.
    [[nodiscard]] Item* next_ready();
    void begin(Item& item);
    /// The item that is in flight under this id; null when it is not.
    [[nodiscard]] Item* find_in_flight(EventId id);

    /// Done with: delivered, or expired. In strict order it stays until everything before it is done too.
    void settle(Item& item);
    /// What attempts will be once this failure is counted.
    [[nodiscard]] static int attempts_after_failure(const Item& item) {
        return item.attempts + (item.is_forwarded ? 0 : 1);
    }
    /// Failed: counts the attempt. Loose: it waits until `due` while others go on. Strict: see rewind().
    void fail(Item& item, TimePoint due, const DeliveryResult& result);
    /// Not tried, in truth: the same attempt again as soon as the destination is back.
    void send_again(Item& item);

    /// Makes the events ready whose next attempt is due; in strict order, once nothing is in flight, the
    /// failed event and all after it (confirmed ones too: in order up to repeats). True when a strict stream
    /// has just gone back.
    bool release_due(TimePoint now);
    /// Failed for the last time: it is not sent again, and stays until it gets a row.
    void give_up(Item& item) { set_state(item, ItemState::dead); }
    /// Takes the lowest event out, which must not be in flight.
    [[nodiscard]] Item take_lowest();
    /// Gives the lowest event up, which must not be in flight: what comes after it goes on at once.
    void skip_lowest(TimePoint now);

    /// Makes everything that was set aside due (the destination has recovered). An attempt that fails now is
    /// not counted: the one before fell into the outage.
    void release_all(TimePoint now);
    /// Makes the event ready that is due first, as a probe of a destination that rested: a failure is not
    /// counted. False when there is none, or the destination asked for the wait.
    bool forward_first();
    /// The earliest time at which release_due() may do something.
    [[nodiscard]] std::optional<TimePoint> next_due() const;

    /// True when the backlog may give another event; `window` is the sink's, `rows` how many events are set
    /// aside with a row.
    [[nodiscard]] bool has_room(std::size_t window, std::size_t rows) const;
    [[nodiscard]] bool is_rewinding() const { return rewind_to_.has_value(); }
    /// True when as much as may be is set aside: the cursor waits.
    [[nodiscard]] bool is_full(std::size_t rows) const {
        return set_aside() + rows >= kMaxSetAside || (bytes_ >= kMaxBytes && in_flight_ == 0);
    }
    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    [[nodiscard]] std::size_t set_aside() const { return items_.size() - in_flight_ - confirmed_; }
    [[nodiscard]] bool has_failing() const { return failing_ > 0; }
    [[nodiscard]] std::size_t size() const { return items_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// The event that holds the cursor; null when nothing does.
    [[nodiscard]] const Item* lowest() const { return items_.empty() ? nullptr : &items_.begin()->second; }

  private:
    using Items = std::map<EventId, Item>;

    void set_state(Item& item, ItemState state);
    void rewind(const Item& item, TimePoint due);
    Item& insert(EventPtr event);
    void forget(Items::iterator item);

    StreamOrder order_;
    Items items_;
    std::set<EventId> ready_;
    std::set<std::pair<TimePoint, EventId>> set_aside_;
    std::size_t in_flight_ = 0;
    std::size_t confirmed_ = 0;
    std::size_t failing_ = 0;  // with attempts > 0
    std::size_t bytes_ = 0;
    std::optional<EventId> rewind_to_;  // strict: the lowest event that failed
    TimePoint rewind_due_{};
};

}  // namespace headwater
