#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/monitor.hpp"

namespace headwater {

/// A monitor reports. Without an id it is found by its key.
struct CheckIn {
    enum class Kind { ok, fail };
    std::optional<MonitorId> monitor;
    Digest key{};
    Kind kind = Kind::ok;
};

enum class CheckInOutcome { recorded, unknown_monitor, wrong_key };

struct CheckInsRecorded {
    std::vector<CheckInOutcome> outcomes;  ///< in the order of the check-ins
    std::size_t turned = 0;                ///< monitors that became Ok or Dead, with an event each
};

/// Records check-ins, one batch a transaction; durable when it returns. One thread. Throws Unavailable.
class CheckInWriter {
  public:
    virtual ~CheckInWriter() = default;
    [[nodiscard]] virtual CheckInsRecorded record(std::span<const CheckIn> check_ins) = 0;
};

/// What one round found to do.
struct LateRound {
    std::vector<double> delays;  ///< seconds from due to Dead, of those that turned
    bool has_more = false;       ///< call again at once
    std::optional<std::chrono::microseconds>
        next;  ///< when the next one must be looked at; none: nothing waits
};

/// Turns late monitors Dead by PostgreSQL's clock, with their events, exactly once however many nodes do it.
/// One thread. Throws Unavailable.
class LateMonitors {
  public:
    virtual ~LateMonitors() = default;
    [[nodiscard]] virtual LateRound turn() = 0;
};

/// Stores monitors. Thread-safe, blocking; throws Unavailable. Functions with an id give nothing for one that
/// is not there.
class MonitorStore {
  public:
    virtual ~MonitorStore() = default;
    /// Throws DataRejected when one of the streams is gone meanwhile: register it again.
    [[nodiscard]] virtual Monitor create(const MonitorDefinition& definition, const Digest& key) = 0;
    [[nodiscard]] virtual std::optional<Monitor> find(MonitorId id) = 0;
    /// In the order of ids, at most `limit` behind `after`.
    [[nodiscard]] virtual std::vector<Monitor> list(MonitorId after, std::size_t limit) = 0;
    /// A shorter rule may make it late at once. Throws DataRejected when one of the streams is gone.
    [[nodiscard]] virtual std::optional<Monitor> change(MonitorId id,
                                                        const MonitorDefinition& definition) = 0;
    [[nodiscard]] virtual bool remove(MonitorId id) = 0;
    [[nodiscard]] virtual bool set_key(MonitorId id, const Digest& key) = 0;
    /// A paused monitor's clock stands still: it is never late. Resumed, it has a whole period again.
    [[nodiscard]] virtual std::optional<Monitor> set_paused(MonitorId id, bool is_paused) = 0;
    /// Newest first.
    [[nodiscard]] virtual std::vector<MonitorFlip> flips(MonitorId id, std::size_t limit) = 0;
    /// Removes those of these streams that no monitor names any more. True when the registry has changed.
    [[nodiscard]] virtual bool drop_unused(std::span<const StreamId> streams) = 0;
};

}  // namespace headwater
