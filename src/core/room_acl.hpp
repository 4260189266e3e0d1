#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/event.hpp"
#include "core/room_store.hpp"
#include "core/time.hpp"

namespace headwater {

/// May this user subscribe to this room?
struct RoomQuestion {
    std::string acl_url;
    RoomName room;
    std::string user;
};

/// What a namespace's service says. `failed`: nothing that can be understood, or nothing in time.
enum class RoomVerdict { allowed, denied, unknown_room, failed };

/// Asks the services of namespaces, on threads of its own and within two seconds. Thread-safe.
class RoomAuthority {
  public:
    using Answer = std::move_only_function<void(RoomVerdict)>;  ///< once, on any thread
    virtual ~RoomAuthority() = default;
    virtual void ask(RoomQuestion question, Answer done) = 0;
};

/// Remembers verdicts for a while: permissions for a minute, refusals for a moment. Bounded: the least
/// recently used one goes first. A revocation forgets what it concerns, on every node, by its event.
/// Thread-safe.
class RoomVerdicts {
  public:
    static constexpr std::chrono::seconds kAllowedFor{60};
    static constexpr std::chrono::seconds kDeniedFor{5};

    struct Entry {
        RoomVerdict verdict{};
        RevocationNumber permitted_at = 0;
    };

    explicit RoomVerdicts(const Clock& clock, std::size_t max_entries = 100'000)
        : clock_(clock), max_entries_(max_entries) {}

    [[nodiscard]] std::optional<Entry> find(const RoomQuestion& question);
    void add(const RoomQuestion& question, const Entry& entry);
    void forget(const std::string& user, const RoomName& room);
    /// LogTail's listener.
    void on_events(const EventBatch& events);

  private:
    struct Known {
        std::string key;
        std::string acl_url;
        Entry entry;
        std::chrono::steady_clock::time_point until;
    };
    using Order = std::list<Known>;  ///< the most recently used one first

    void erase(const std::string& key);  ///< with the mutex held

    const Clock& clock_;
    const std::size_t max_entries_;
    std::mutex mutex_;
    Order order_;  // guarded by mutex_
    std::unordered_map<std::string_view, Order::iterator>
        by_key_;  // guarded by mutex_; views of order_'s keys
};

}  // namespace headwater
