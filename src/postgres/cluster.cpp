#include "postgres/cluster.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "core/log.hpp"

namespace headwater::postgres {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr auto kInitDeadline = std::chrono::minutes(3);

/// The user that PostgreSQL runs as: ourselves, or for root, which PostgreSQL refuses, the owner of the
/// cluster or `postgres`.
Account choose_account(const fs::path& folder) {
    struct stat found {};
    const bool exists = ::stat(folder.c_str(), &found) == 0;
    if (!is_root()) {
        if (exists && found.st_uid != ::geteuid()) {
            throw std::runtime_error(fmt::format(
                "The data in {} belongs to the user {}: run headwater as that user or as root, or choose "
                "another --data-dir.",
                folder.string(), account_of(found.st_uid, found.st_gid).name));
        }
        return account_of(::geteuid(), ::getegid());
    }
    if (exists && found.st_uid != 0) {
        return account_of(found.st_uid, found.st_gid);
    }
    const auto account = find_account("postgres");
    if (!account) {
        throw std::runtime_error(
            "As root, headwater runs its private PostgreSQL as the user postgres, which does not exist: "
            "install the "
            "package postgresql.");
    }
    return *account;
}

int stored_version(const fs::path& folder) {
    int version = 0;
    std::ifstream(folder / "PG_VERSION") >> version;
    return version;
}

Installation choose_new(const fs::path& root) {
    const auto newest = Installation::newest(root);
    if (!newest) {
        throw std::runtime_error(fmt::format(
            "No PostgreSQL was found in {}: install the package postgresql, or name a server with "
            "--database-url.",
            root.string()));
    }
    return *newest;
}

Installation choose_stored(const fs::path& root, const fs::path& folder) {
    const int version = stored_version(folder);
    const auto found = Installation::of_version(root, version);
    if (!found) {
        const auto newest = Installation::newest(root);
        throw std::runtime_error(fmt::format(
            "The data in {} was made by PostgreSQL {}, which is not installed in {}: install the package "
            "postgresql-{}{}.",
            folder.string(), version, root.string(), version,
            newest ? fmt::format(", or upgrade the data to version {} with pg_upgrade", newest->version())
                   : ""));
    }
    return *found;
}

void sync_folder(const fs::path& folder) {
    const FileDescriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open.is_open() || ::fsync(open.get()) != 0) {
        throw std::runtime_error(fmt::format("The folder {} could not be written to disk.", folder.string()));
    }
}

void require_success(const Finished& finished, const std::string& program, const fs::path& data_dir) {
    if (finished.status.is_success()) {
        return;
    }
    log::error("postgres.initdb_failed", {{"program", program}, {"output", finished.output}});
    throw std::runtime_error(
        fmt::format("PostgreSQL's data could not be made in {}: {} {} (its output is in the log).",
                    data_dir.string(), program, to_string(finished.status)));
}

Finished run_reachable(Command command, const fs::path& data_dir) {
    try {
        return run(std::move(command), steady_clock::now() + kInitDeadline);
    } catch (const LaunchError& error) {
        if (error.step() != LaunchError::Step::directory) {
            throw;
        }
        throw std::runtime_error(fmt::format(
            "PostgreSQL's user cannot reach the data directory {}: choose a --data-dir whose parent folders "
            "everybody may enter, such as /var/lib/headwater.",
            data_dir.string()));
    }
}

}  // namespace

Cluster::Cluster(fs::path data_dir, Account account, Installation installation)
    : data_dir_(std::move(data_dir)), account_(std::move(account)), installation_(std::move(installation)) {}

Cluster Cluster::prepare(const fs::path& data_dir, const fs::path& installations) {
    const fs::path folder = data_dir / "postgres";
    const bool is_new = !fs::exists(folder / "PG_VERSION");
    if (is_new && fs::exists(folder)) {
        throw std::runtime_error(
            fmt::format("The folder {} holds no PostgreSQL data: move it away, or choose another --data-dir.",
                        folder.string()));
    }
    Cluster cluster(data_dir, choose_account(folder),
                    is_new ? choose_new(installations) : choose_stored(installations, folder));
    if (is_new) {
        cluster.initialise();
    }
    cluster.make_private_folder(cluster.log_folder());
    Command probe = cluster.command("postgres");
    probe.arguments.emplace_back("--version");
    probe.directory = folder;
    require_success(run_reachable(probe, data_dir), "postgres --version", data_dir);
    return cluster;
}

ClusterProcesses Cluster::processes() const {
    return {.folder = folder(), .owner = account_.uid};
}

Command Cluster::command(const std::string& program) const {
    Command command{.arguments = {installation_.program(program)}};
    if (is_root()) {
        command.account = account_;
    }
    return command;
}

void Cluster::make_private_folder(const fs::path& path) const {
    if (::mkdir(path.c_str(), 0700) != 0) {
        if (errno == EEXIST) {
            return;
        }
        throw std::runtime_error(fmt::format("The folder {} could not be made.", path.string()));
    }
    if (is_root() && ::lchown(path.c_str(), account_.uid, account_.gid) != 0) {
        throw std::runtime_error(
            fmt::format("The folder {} could not be given to the user {}.", path.string(), account_.name));
    }
}

void Cluster::initialise() const {
    const auto begin = steady_clock::now();
    const fs::path target = data_dir_ / "postgres.new";
    fs::remove_all(target);  // of a first start that was cut short
    make_private_folder(target);
    run_initdb(target);
    create_database(target);
    fs::rename(target, folder());
    sync_folder(data_dir_);
    const std::chrono::duration<double> took = steady_clock::now() - begin;
    log::info(
        "postgres.initialised",
        {{"data_dir", data_dir_.string()}, {"version", installation_.version()}, {"seconds", took.count()}});
}

void Cluster::run_initdb(const fs::path& target) const {
    Command initdb = command("initdb");
    initdb.directory = target;
    initdb.arguments.insert(initdb.arguments.end(),
                            {"--pgdata", target.string(), "--username", kPrivateUser, "--encoding=UTF8",
                             "--locale=C", "--data-checksums", "--auth=trust", "--no-instructions"});
    require_success(run_reachable(initdb, data_dir_), "initdb", data_dir_);
}

void Cluster::create_database(const fs::path& target) const {
    // In single-user mode: no socket, no second process, and done before the rename.
    Command single = command("postgres");
    single.directory = target;
    single.arguments.insert(single.arguments.end(), {"--single", "-D", target.string(), "-j", "template1"});
    single.input = fmt::format("CREATE DATABASE {};\n\n", kPrivateDatabase);
    const Finished finished = run_reachable(single, data_dir_);
    require_success(finished, "postgres --single", data_dir_);
    if (finished.output.find("ERROR") != std::string::npos) {
        require_success({.status = {.code = 1, .signal = 0}, .output = finished.output}, "CREATE DATABASE",
                        data_dir_);
    }
}

}  // namespace headwater::postgres
