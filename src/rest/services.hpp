#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/attempt_log.hpp"
#include "core/room_store.hpp"
#include "core/sink.hpp"
#include "core/stream_status.hpp"

namespace headwater {
class AckStore;
class CheckInDesk;
class MonitorStore;
class NoticeSinkType;
class Acknowledger;
class Appender;
class Clock;
class DeliveryStore;
class FeedReader;
class FeedWaiters;
class LogReader;
class LogTail;
class KeyRing;
class Metrics;
class Registry;
class RegistryStore;
class RoomAuthority;
class RoomDirectory;
class RoomStore;
class RoomVerdicts;
class StatsHistory;
class StreamTester;
class WorkPool;
}  // namespace headwater

namespace headwater::rest {

struct LiveHandover;

/// Whether this node may take traffic, and what stands against it (one plain sentence each).
struct Readiness {
    std::vector<std::string> complaints;
    [[nodiscard]] bool is_ready() const { return complaints.empty(); }
};

/// The last attempts of a stream that this node runs, newest first. Any thread, never blocks for long.
using AttemptLookup = std::function<std::vector<Attempt>(StreamId)>;

/// What the handlers of monitors work with.
struct MonitorServices {
    MonitorStore& store;
    CheckInDesk& desk;
    const NoticeSinkType& notices;
};

/// What the handlers of rooms work with.
struct RoomServices {
    RoomStore& store;
    RoomDesk& desk;
    RoomDirectory& directory;
    RoomVerdicts& verdicts;
    RoomAuthority& authority;
};

/// What the handlers work with. The composition root owns all of it and keeps it alive longer than the
/// Server.
struct Services {
    Registry& registry;
    RegistryStore& registry_store;
    Appender& appender;
    Acknowledger& acknowledger;
    AckStore& ack_store;
    LogReader& log;
    LogTail& tail;
    FeedReader& feeds;
    FeedWaiters& feed_waiters;
    WorkPool& readers;  ///< every blocking call of a handler runs here
    const SinkTypes& sinks;
    Metrics& metrics;
    const Clock& clock;
    const LiveHandover& live;
    DeliveryStore& deliveries;
    StreamTester& tester;
    std::string node;                        ///< this node's label
    StreamStatusLookup stream_status;        ///< may be empty
    AttemptLookup attempts;                  ///< of the streams that this node runs; may be empty
    std::function<Readiness()> readiness;    ///< any thread, never blocks; empty means ready
    std::function<void()> registry_changed;  ///< after a registration changed here (any thread); may be empty
    const KeyRing* keys = nullptr;           ///< null: everybody may do everything
    const RoomServices* rooms = nullptr;     ///< the same for rooms
    const MonitorServices* monitors = nullptr;  ///< null only where no route of monitors is asked for
    const StatsHistory* stats = nullptr;        ///< null: there are no figures
};

}  // namespace headwater::rest
