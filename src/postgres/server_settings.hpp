#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace headwater::postgres {

/// What the machine has for a private PostgreSQL, in bytes.
struct Machine {
    std::uint64_t memory = 0;             ///< of the machine or of our control group, whichever is less
    std::uint64_t disk = 0;               ///< size of the file system that holds the data
    bool has_posix_shared_memory = true;  ///< /dev/shm is there and open to every user; not in a bare chroot
};
[[nodiscard]] Machine look_at_machine(const std::filesystem::path& data_dir);

/// The text of the private server's postgresql.conf, written anew at every start. A file
/// postgresql.local.conf beside it holds an operator's own settings and wins.
[[nodiscard]] std::string server_settings(const Machine& machine, const std::string& cluster_name,
                                          const std::filesystem::path& log_folder);

}  // namespace headwater::postgres
