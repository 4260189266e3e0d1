#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/retention.hpp"
#include "core/time.hpp"

namespace headwater::postgres {

class Connection;

/// A partitioned table whose partitions cover equal spans of time: events of one retention class, or the
/// idempotency keys.
struct PartitionedTable {
    std::string name;            ///< without the schema, such as "events_week"
    std::chrono::seconds width;  ///< of one partition, aligned to multiples since 1970
    std::chrono::seconds
        longest;       ///< how long after a partition's end its last row is still wanted; max(): for ever
    int class_id = 0;  ///< the retention class of events; 0: not events
};

[[nodiscard]] PartitionedTable partitioned_table_of(const RetentionClass& retention_class);
[[nodiscard]] PartitionedTable idempotency_table();

/// Makes the partitions that the classes in use and the idempotency keys need from now on (the current one
/// and three more). Each is made on its own and then attached, so that appends and reads go on meanwhile.
/// Safe to call at any time from anywhere. Throws Unavailable.
void make_partitions_ahead(Connection& connection);
/// The same for one table only, for a type that is about to be registered.
void make_partitions_ahead(Connection& connection, const PartitionedTable& table);

struct DroppedPartitions {
    std::size_t count = 0;
    std::chrono::steady_clock::duration spent{};
    bool is_all = true;  ///< false: more are to be dropped
};

/// Detaches and drops the partitions whose rows have all expired, one at a time, and takes no further one
/// when that has taken `budget`. Events that a stream has not delivered are counted before they go. Throws
/// Unavailable.
DroppedPartitions drop_expired_partitions(Connection& connection, std::chrono::steady_clock::duration budget);

}  // namespace headwater::postgres
