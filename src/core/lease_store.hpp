#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/delivery_store.hpp"
#include "core/stream.hpp"

namespace headwater {

/// A stream that this process may now run. Everything that is saved under an older epoch is refused from here
/// on.
struct ClaimedStream {
    StreamId id;
    std::int64_t epoch = 0;
    Cursor cursor;
    StreamState state = StreamState::running;  ///< as last saved, so that only changes are announced
    bool has_work = false;                     ///< failing rows, replays or a skip: ask DeliveryStore::work
};

struct LeaseRenewal {
    /// The lease had run out and was ended: nothing of what was claimed before is held any more. A lease that
    /// ran out unnoticed is simply renewed, with all that it holds.
    bool is_lost = false;
    std::vector<ClaimedStream> claimed;  ///< since the last call that was answered
    std::size_t surplus = 0;  ///< how many streams more than its share the process holds: release as many
};

/// Which process runs which stream. A process holds a lease of kLease by PostgreSQL's clock; streams whose
/// owner has none are taken by the others, each up to its share (all streams over all processes, rounded up).
/// Thread-safe, blocking; throws Unavailable.
class LeaseStore {
  public:
    static constexpr std::chrono::seconds kLease{6};
    static constexpr std::chrono::seconds kRenewal{2};

    virtual ~LeaseStore() = default;

    /// Renews the process's lease (takes it, the first time), ends those that have run out, and claims
    /// streams that nobody runs. `label` is the node's name for people. After `is_lost` the process holds a
    /// new lease and what was claimed now.
    virtual LeaseRenewal renew(std::int64_t process, const std::string& label) = 0;

    /// Saves the streams a last time and gives them up, so that others may claim them at once.
    virtual void release(std::int64_t process, std::span<const StreamProgress> streams) = 0;

    /// Gives up the lease with all that is held: the end of the process.
    virtual void leave(std::int64_t process) = 0;

    /// Ends every lease. Only for a process that is alone with its database (a private PostgreSQL, whose data
    /// are locked), so that a restart after a crash need not wait for its own former lease.
    virtual void end_all() = 0;
};

}  // namespace headwater
