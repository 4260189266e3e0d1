#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/delivery_store.hpp"
#include "core/event_log.hpp"
#include "core/feed.hpp"
#include "core/key_store.hpp"
#include "core/lease_store.hpp"
#include "core/monitor_store.hpp"
#include "core/registry_store.hpp"
#include "core/room_store.hpp"
#include "postgres/listener.hpp"

namespace headwater::postgres {

class CallWatchdog;
struct ConnectionSettings;
class RetentionKeeper;

struct DatabaseOptions {
    std::string url;          ///< a libpq URL or conninfo; may hold a password
    std::size_t readers = 4;  ///< connections shared by everything that has none of its own
    std::size_t owners = 2;   ///< connections for the saves and leases of the streams that this node runs
    std::chrono::milliseconds statement_timeout{15'000};
    std::chrono::milliseconds append_timeout{8'000};  ///< of one append, waiting for the log's lock included
    std::chrono::milliseconds owner_timeout{5'000};   ///< of one save or renewal: less than a lease
};

/// PostgreSQL as the rest of Headwater sees it. Made once by the composition root, which destroys it last.
/// Opens no connection before it is used; thread-safe unless a part says otherwise. Everything throws
/// Unavailable while PostgreSQL is away.
class Database {
  public:
    explicit Database(DatabaseOptions options);  ///< throws std::invalid_argument when the url cannot be read
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// See migrations.hpp: throws DatabaseRefused (errors.hpp) when the database cannot be used. Afterwards
    /// the partitions that appends need next are there.
    void migrate();

    [[nodiscard]] std::unique_ptr<LogWriter> make_log_writer() const;  ///< one per appender
    [[nodiscard]] LogReader& log_reader();
    [[nodiscard]] FeedReader& feed_reader();
    [[nodiscard]] AckStore& ack_store();
    [[nodiscard]] RegistryStore& registry_store();
    [[nodiscard]] DeliveryStore& delivery_store();
    [[nodiscard]] LeaseStore& lease_store();
    [[nodiscard]] MonitorStore& monitor_store();
    [[nodiscard]] KeyStore& key_store();
    [[nodiscard]] RoomStore& room_store();
    [[nodiscard]] std::unique_ptr<RoomChangeWriter> make_room_change_writer() const;
    [[nodiscard]] std::unique_ptr<CheckInWriter> make_check_in_writer() const;
    [[nodiscard]] std::unique_ptr<LateMonitors> make_late_monitors() const;

    /// Both start their thread at once and stop it in their destructor.
    [[nodiscard]] std::unique_ptr<Listener> make_listener(Listener::Callbacks callbacks) const;
    [[nodiscard]] std::unique_ptr<RetentionKeeper> make_keeper(
        std::function<void(const std::map<std::string, std::int64_t>&)> loss_report) const;

    /// For /readyz: false when PostgreSQL is away, in recovery or read-only. Blocks at most a few seconds;
    /// never throws.
    [[nodiscard]] bool is_writable_primary() noexcept;
    /// PostgreSQL's own clock.
    [[nodiscard]] Timestamp clock_now();

  private:
    struct Parts;
    [[nodiscard]] ConnectionSettings settings_for(const char* purpose) const;
    [[nodiscard]] ConnectionSettings owner_settings() const;

    DatabaseOptions options_;
    std::shared_ptr<CallWatchdog> watchdog_;
    std::unique_ptr<Parts> parts_;
};

}  // namespace headwater::postgres
