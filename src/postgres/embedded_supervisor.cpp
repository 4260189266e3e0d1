#include "postgres/embedded_supervisor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/log.hpp"
#include "core/work_pool.hpp"
#include "postgres/server_settings.hpp"

namespace headwater::postgres {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kLeftBehindDeadline = seconds(60);
constexpr auto kReadyPause = milliseconds(20);
constexpr auto kStillStarting = seconds(10);
constexpr auto kFirstBackoff = milliseconds(100);
constexpr auto kLastBackoff = seconds(5);
constexpr auto kStable = seconds(60);
constexpr auto kImmediateShutdown = seconds(5);
constexpr std::string_view kAccess =
    "# Written by headwater at every start. The socket's folder is closed to all others.\nlocal all all "
    "trust\nlocal replication all trust\n";

bool has_text(const fs::path& path, std::string_view text) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {}) == text;
}

/// Leaves a file that is right already alone: on a full disk it could be emptied, but not written again.
void write_file(const fs::path& path, std::string_view text) {
    if (has_text(path, text)) return;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text << std::flush;
    // Root's umask may be strict, but PostgreSQL's user has to read it.
    if (!file || ::chmod(path.c_str(), is_root() ? 0644 : 0600) != 0) {
        throw std::runtime_error(fmt::format("The file {} could not be written.", path.string()));
    }
}

/// The last complaint in what the postmaster wrote before it gave up.
std::string last_complaint(const fs::path& log) {
    std::ifstream file(log);
    std::string complaint;
    for (std::string line; std::getline(file, line);) {
        const auto at = line.find("FATAL: ");
        if (at != std::string::npos) {
            complaint = line.substr(at + 6);
            complaint.erase(0, complaint.find_first_not_of(' '));
        }
    }
    return complaint;
}

}  // namespace

EmbeddedSupervisor::EmbeddedSupervisor(DataLock lock, Cluster cluster, const fs::path& data_dir,
                                       const EmbeddedOptions& options)
    : lock_(std::move(lock)),
      cluster_(std::move(cluster)),
      options_(options),
      socket_(cluster_, data_dir),
      processes_(cluster_.processes()),
      wake_(::eventfd(0, EFD_CLOEXEC)) {}

EmbeddedSupervisor::~EmbeddedSupervisor() {
    stop();
}

void EmbeddedSupervisor::start() {
    std::promise<void> first;
    std::future<void> outcome = first.get_future();
    thread_ = std::jthread([this, first = std::move(first)](const std::stop_token& stop) mutable {
        run(stop, std::move(first));
    });
    outcome.get();
}

void EmbeddedSupervisor::stop() {
    thread_.request_stop();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::string EmbeddedSupervisor::url() const {
    return private_url(socket_.path());
}

void EmbeddedSupervisor::run(const std::stop_token& stop, std::promise<void> first) {
    name_this_thread("pg-supervisor");
    std::optional<ChildProcess> postmaster;
    try {
        postmaster.emplace(start_postmaster(stop));
    } catch (...) {
        first.set_exception(std::current_exception());
        return;
    }
    first.set_value();
    supervise(stop, std::move(postmaster));
}

void EmbeddedSupervisor::supervise(const std::stop_token& stop, std::optional<ChildProcess> postmaster) {
    milliseconds backoff = kFirstBackoff;
    auto started = steady_clock::now();
    while (postmaster || !stop.stop_requested()) {
        if (postmaster) {
            std::array<pollfd, 2> ends = {{{postmaster->descriptor(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
            ::poll(ends.data(), ends.size(), -1);
            if (stop.stop_requested()) {
                shut_down(*postmaster);
                return;
            }
            const auto status = postmaster->wait_until(steady_clock::now());
            if (!status) {
                continue;
            }
            is_running_ = false;
            postmaster_pid_ = 0;
            log::error("postgres.crashed", {{"reason", to_string(*status)}});
            postmaster.reset();
            backoff = steady_clock::now() - started > kStable ? kFirstBackoff : backoff;
        }
        try {
            postmaster.emplace(start_postmaster(stop));
            started = steady_clock::now();
        } catch (const std::exception& error) {
            log::error("postgres.restart_failed",
                       {{"reason", error.what()}, {"again_in_ms", backoff.count()}});
            [[maybe_unused]] const bool is_woken = wait_readable(wake_.get(), steady_clock::now() + backoff);
        }
        backoff = std::min<milliseconds>(backoff * 2, kLastBackoff);
    }
}

ChildProcess EmbeddedSupervisor::start_postmaster(const std::stop_token& stop) {
    const auto begin = steady_clock::now();
    if (!processes_.end(begin + kLeftBehindDeadline)) {
        throw std::runtime_error(
            fmt::format("A PostgreSQL of an earlier run still has the data in {} and does not end.",
                        cluster_.folder().string()));
    }
    remove_stale_lock(cluster_.folder() / "postmaster.pid");
    remove_stale_lock(socket_.path() / ".s.PGSQL.5432.lock");
    write_files();
    ChildProcess postmaster = launch_postmaster();
    wait_until_ready(stop, postmaster);
    postmaster_pid_ = postmaster.pid();
    is_running_ = true;
    const std::chrono::duration<double> took = steady_clock::now() - begin;
    log::info("postgres.started", {{"pid", postmaster.pid()},
                                   {"version", cluster_.installation().version()},
                                   {"socket", socket_.path().string()},
                                   {"seconds", took.count()}});
    return postmaster;
}

void EmbeddedSupervisor::write_files() const {
    const auto machine = look_at_machine(cluster_.folder());
    write_file(cluster_.settings_file(), server_settings(machine, processes_.name(), cluster_.log_folder()));
    write_file(cluster_.access_file(), kAccess);
}

ChildProcess EmbeddedSupervisor::launch_postmaster() const {
    const FileDescriptor log(
        ::open(cluster_.start_log().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    Command command = cluster_.command("postgres");
    // What access depends on stands here, where no settings file can change it.
    for (const std::string& setting :
         {"config_file=" + cluster_.settings_file().string(), "hba_file=" + cluster_.access_file().string(),
          std::string("listen_addresses="), "unix_socket_directories=\"" + socket_.path().string() + '"',
          std::string("unix_socket_permissions=0700"), std::string("port=5432")}) {
        command.arguments.insert(command.arguments.end(), {"-c", setting});
    }
    command.arguments.insert(command.arguments.end(), {"-D", cluster_.folder().string()});
    command.directory = cluster_.folder();
    command.errors = log.get();
    command.signal_on_parent_death = SIGINT;
    return ChildProcess::launch(command);
}

void EmbeddedSupervisor::wait_until_ready(const std::stop_token& stop, ChildProcess& postmaster) const {
    const auto begin = steady_clock::now();
    const std::string probe = url() + "&connect_timeout=2";
    auto next_note = begin + kStillStarting;
    while (PQping(probe.c_str()) != PQPING_OK) {
        if (const auto status = postmaster.wait_until(steady_clock::now() + kReadyPause)) {
            const std::string complaint = last_complaint(cluster_.start_log());
            throw std::runtime_error(fmt::format("PostgreSQL {}{}{} (see {}).", to_string(*status),
                                                 complaint.empty() ? "" : ": ", complaint,
                                                 cluster_.log_folder().string()));
        }
        const auto now = steady_clock::now();
        if (stop.stop_requested() || now - begin > options_.start_deadline) {
            postmaster.signal(SIGQUIT);
            [[maybe_unused]] const auto status = postmaster.wait_until(now + kImmediateShutdown);
            throw std::runtime_error(fmt::format("PostgreSQL did not take connections within {} s.",
                                                 options_.start_deadline.count()));
        }
        if (now > next_note) {
            log::info("postgres.starting", {{"seconds", std::chrono::duration<double>(now - begin).count()}});
            next_note = now + kStillStarting;
        }
    }
}

void EmbeddedSupervisor::shut_down(ChildProcess& postmaster) {
    is_running_ = false;
    postmaster.signal(SIGINT);
    if (!postmaster.wait_until(steady_clock::now() + options_.stop_deadline)) {
        log::warn("postgres.slow_stop", {{"pid", postmaster.pid()}});
        postmaster.signal(SIGQUIT);
        [[maybe_unused]] const auto status = postmaster.wait_until(steady_clock::now() + kImmediateShutdown);
    }
    [[maybe_unused]] const bool is_gone = processes_.end(steady_clock::now() + kImmediateShutdown);
    postmaster_pid_ = 0;
}

}  // namespace headwater::postgres
