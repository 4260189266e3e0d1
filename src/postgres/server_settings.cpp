#include "postgres/server_settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace headwater::postgres {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

constexpr const char* kText =
    R"(# Written by headwater at every start. Your own settings go into postgresql.local.conf in this folder: they win.
cluster_name = '{cluster_name}'
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'

# Durability: an event is answered 2xx only after its commit has reached the disk.
fsync = on
full_page_writes = on
synchronous_commit = on

# Memory, by what this machine has.
shared_buffers = {shared_buffers}MB
effective_cache_size = {cache}MB
maintenance_work_mem = {maintenance}MB
dynamic_shared_memory_type = {shared_memory}
huge_pages = off

# The log is written all the time: few checkpoints, small full-page images.
max_wal_size = {max_wal}MB
min_wal_size = {min_wal}MB
checkpoint_timeout = 15min
wal_compression = lz4

# Not `minimal`, which saves nothing for plain inserts: with these an operator can take a base backup while it runs.
wal_level = replica
max_wal_senders = 2
max_replication_slots = 0
max_logical_replication_workers = 0

# Short queries over many partitions.
max_locks_per_transaction = 256
jit = off
max_parallel_workers_per_gather = 0
random_page_cost = 1.1

# A week of logs by weekday. Terse: the detail of an error would show rows.
logging_collector = on
log_directory = '{log_folder}'
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] '
log_error_verbosity = terse
log_checkpoints = off

include_if_exists = 'postgresql.local.conf'
)";

std::uint64_t machine_memory() {
    return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
}

/// The limit of our control group (cgroup v2, as in a container); all of the machine's memory when there is
/// none.
std::uint64_t memory_limit() {
    std::uint64_t limit = 0;
    std::ifstream("/sys/fs/cgroup/memory.max") >> limit;  // "max" leaves 0
    return limit == 0 ? machine_memory() : std::min(limit, machine_memory());
}

bool has_posix_shared_memory() {
    std::error_code failed;
    const auto folder = std::filesystem::status("/dev/shm", failed);
    return std::filesystem::is_directory(folder) &&
           (folder.permissions() & std::filesystem::perms::others_write) != std::filesystem::perms::none;
}

/// As it stands between quotes in postgresql.conf.
std::string quoted(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            result += c;
        }
        result += c;
    }
    return result;
}

}  // namespace

Machine look_at_machine(const std::filesystem::path& data_dir) {
    std::error_code failed;
    const auto space = std::filesystem::space(data_dir, failed);
    return {.memory = memory_limit(),
            .disk = failed ? 0 : space.capacity,
            .has_posix_shared_memory = has_posix_shared_memory()};
}

std::string server_settings(const Machine& machine, const std::string& cluster_name,
                            const std::filesystem::path& log_folder) {
    const std::uint64_t memory = machine.memory / kMiB;
    const std::uint64_t max_wal = std::clamp<std::uint64_t>(machine.disk / kMiB / 16, 256, 4096);
    return fmt::format(kText, fmt::arg("cluster_name", cluster_name),
                       fmt::arg("shared_buffers", std::clamp<std::uint64_t>(memory / 4, 32, 1024)),
                       fmt::arg("cache", std::max<std::uint64_t>(memory / 2, 64)),
                       fmt::arg("maintenance", std::clamp<std::uint64_t>(memory / 64, 16, 128)),
                       fmt::arg("shared_memory", machine.has_posix_shared_memory ? "posix" : "sysv"),
                       fmt::arg("max_wal", max_wal), fmt::arg("min_wal", max_wal / 8),
                       fmt::arg("log_folder", quoted(log_folder.string())));
}

}  // namespace headwater::postgres
