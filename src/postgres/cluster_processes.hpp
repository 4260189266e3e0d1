#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "postgres/process.hpp"

namespace headwater::postgres {

/// Which processes of the system belong to one cluster, whoever started them. They are known by their command
/// line alone (which needs no privilege to read): the postmaster by the folder it serves, its back ends by
/// the cluster's name in their titles. The process's owner must be the cluster's user, so that nobody else
/// can pose as one.
struct ClusterProcesses {
    std::filesystem::path folder;
    uid_t owner = 0;

    /// What its postmaster is to be given as cluster_name.
    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::vector<pid_t> find() const;
    /// kill -9 to all of them.
    void kill() const;

    /// Ends them all: a fast shutdown first, then without mercy. True when none is left at the deadline.
    [[nodiscard]] bool end(Deadline deadline) const;
};

/// Removes a lock file of a postmaster that has ended when its number has passed to another process or to a
/// zombie that nobody reaps (as in a container without an init): PostgreSQL takes either for the lock's
/// owner. Call it when no process of the cluster is left.
void remove_stale_lock(const std::filesystem::path& lock_file);

}  // namespace headwater::postgres
