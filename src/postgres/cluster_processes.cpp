#include "postgres/cluster_processes.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "core/log.hpp"
#include "postgres/pidfd.hpp"

namespace headwater::postgres {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

/// Most back ends notice by themselves that their postmaster is gone.
constexpr auto kOrphansPatience = std::chrono::seconds(2);
constexpr auto kFastShutdown = std::chrono::seconds(20);
constexpr auto kImmediateShutdown = std::chrono::seconds(5);

/// FNV-1a: a name need not resist anybody, only be the same at every start.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

std::optional<pid_t> to_pid(const std::string& name) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(pid) : std::nullopt;
}

/// The arguments, each ended by a NUL; a back end's title is one of them.
std::string command_line(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool is_postmaster(const std::string& command_line) {
    return command_line.substr(0, command_line.find('\0')).ends_with("/postgres");
}

bool serves(const std::string& command_line, const fs::path& folder) {
    using namespace std::string_literals;
    return is_postmaster(command_line) &&
           command_line.find("\0-D\0"s + folder.string() + '\0') != std::string::npos;
}

enum class Role { none, postmaster, back_end };

Role role_of(const ClusterProcesses& cluster, pid_t pid) {
    struct stat found {};
    if (::stat(("/proc/" + std::to_string(pid)).c_str(), &found) != 0 || found.st_uid != cluster.owner) {
        return Role::none;
    }
    const std::string line = command_line(pid);
    if (line.starts_with("postgres: " + cluster.name() + ": ")) {
        return Role::back_end;
    }
    return serves(line, cluster.folder) ? Role::postmaster : Role::none;
}

/// Sends the signal to the very process that was checked: its number cannot pass to another one in between.
void signal_checked(const ClusterProcesses& cluster, pid_t pid, int number) {
    const FileDescriptor process(::pidfd_open(pid, 0));
    if (process.is_open() && role_of(cluster, pid) != Role::none) {
        ::pidfd_send_signal(process.get(), number, nullptr, 0);
    }
}

bool wait_for_end(pid_t pid, Deadline deadline) {
    const FileDescriptor process(::pidfd_open(pid, 0));
    return !process.is_open() || wait_readable(process.get(), deadline);
}

/// True when none is left.
bool wait_for_all(const ClusterProcesses& cluster, Deadline deadline) {
    return std::ranges::all_of(cluster.find(),
                               [deadline](pid_t pid) { return wait_for_end(pid, deadline); }) &&
           cluster.find().empty();
}

bool signal_and_wait(const ClusterProcesses& cluster, int number, Deadline deadline) {
    for (const pid_t pid : cluster.find()) {
        signal_checked(cluster, pid, number);
    }
    return wait_for_all(cluster, deadline);
}

}  // namespace

std::string ClusterProcesses::name() const {
    return fmt::format("headwater-{:016x}", hash_of(folder.string()));
}

std::vector<pid_t> ClusterProcesses::find() const {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const auto pid = to_pid(entry.path().filename().string());
        if (pid && role_of(*this, *pid) != Role::none) {
            found.push_back(*pid);
        }
    }
    return found;
}

void ClusterProcesses::kill() const {
    for (const pid_t pid : find()) {
        signal_checked(*this, pid, SIGKILL);
    }
}

bool ClusterProcesses::end(Deadline deadline) const {
    const auto until = [deadline](auto patience) {
        return std::min<Deadline>(deadline, steady_clock::now() + patience);
    };
    const auto left = find();
    const bool has_postmaster =
        std::ranges::any_of(left, [this](pid_t pid) { return role_of(*this, pid) == Role::postmaster; });
    if (left.empty() || (!has_postmaster && wait_for_all(*this, until(kOrphansPatience)))) {
        return true;
    }
    log::warn("postgres.left_behind", {{"processes", left.size()}, {"pid", left.front()}});
    // SIGINT: the postmaster rolls back and writes a checkpoint; an orphaned back end would only drop its
    // statement.
    return (has_postmaster && signal_and_wait(*this, SIGINT, until(kFastShutdown))) ||
           signal_and_wait(*this, SIGQUIT, until(kImmediateShutdown)) ||
           signal_and_wait(*this, SIGKILL, deadline);
}

void remove_stale_lock(const fs::path& lock_file) {
    pid_t holder = 0;
    std::ifstream(lock_file) >> holder;
    std::error_code ignored;
    const bool exists = holder > 0 && fs::exists("/proc/" + std::to_string(holder), ignored);
    // Another postmaster may serve the same folder under another name: then the lock stays, and PostgreSQL
    // will say so.
    if (exists && !is_postmaster(command_line(holder)) && fs::remove(lock_file, ignored)) {
        log::warn("postgres.stale_lock", {{"file", lock_file.string()}, {"pid", holder}});
    }
}

}  // namespace headwater::postgres
