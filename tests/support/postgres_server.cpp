#include "tests/support/postgres_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/build_dir.hpp"
#include "tests/support/eventually.hpp"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;
using postgres::Cluster;
using postgres::Command;
using std::chrono::seconds;
using std::chrono::steady_clock;

void copy_folder(const fs::path& from, const fs::path& to, const std::string& option) {
    const auto done = postgres::run({.arguments = {"/bin/cp", "-r", option, from.string(), to.string()}},
                                    steady_clock::now() + seconds(60));
    if (!done.status.is_success()) {
        throw std::runtime_error("cp failed: " + done.output);
    }
}

/// An initialised cluster in the build folder, made by whichever test comes first.
fs::path cluster_template() {
    const fs::path path = build_dir() / "test-postgres-template";
    if (!fs::exists(path)) {
        const TempDir folder;  // PostgreSQL's user may not reach the build folder
        [[maybe_unused]] const Cluster made =
            Cluster::prepare(folder.path(), postgres::Installation::kDefaultRoot);
        const fs::path unfinished = path.string() + "." + std::to_string(::getpid());
        copy_folder(folder / "postgres", unfinished, "--preserve=mode,ownership");
        std::error_code lost_the_race;
        fs::rename(unfinished, path, lost_the_race);
        fs::remove_all(unfinished);
    }
    return path;
}

Cluster make_cluster(const TempDir& folder) {
    copy_cluster_template(folder.path());
    return Cluster::prepare(folder.path(), postgres::Installation::kDefaultRoot);
}

}  // namespace

void copy_cluster_template(const fs::path& data_dir) {
    copy_folder(cluster_template(), data_dir / "postgres", "--preserve=mode,ownership");
}

PostgresServer::PostgresServer(Durability durability, std::vector<std::string> settings)
    : durability_(durability), settings_(std::move(settings)), cluster_(make_cluster(folder_)) {
    if (postgres::is_root()) {
        ::chown(folder_.path().c_str(), cluster_.account().uid, cluster_.account().gid);
    }
    start();
}

PostgresServer::~PostgresServer() {
    kill();
}

void PostgresServer::start() {
    const postgres::FileDescriptor log(
        ::open((folder_ / "server.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    Command command = cluster_.command("postgres");
    std::vector<std::string> settings = {
        "listen_addresses=",
        "unix_socket_directories=" + folder_.path().string(),
        "cluster_name=" + cluster_.processes().name(),
        std::string("fsync=") + (durability_ == Durability::full ? "on" : "off"),
        "shared_buffers=64MB",
        "max_locks_per_transaction=256",
        "timezone=UTC",
        "jit=off",
        "dynamic_shared_memory_type=mmap"};  // in the folder: nothing is left in /dev/shm after kill()
    settings.insert(settings.end(), settings_.begin(), settings_.end());
    for (const std::string& setting : settings) {
        command.arguments.insert(command.arguments.end(), {"-c", setting});
    }
    command.arguments.insert(command.arguments.end(), {"-D", cluster_.folder().string()});
    command.directory = cluster_.folder();
    command.errors = log.get();
    command.signal_on_parent_death = SIGQUIT;
    postmaster_.emplace(postgres::ChildProcess::launch(command));
    const bool is_ready = eventually(seconds(60), [this] { return PQping(url().c_str()) == PQPING_OK; });
    if (!is_ready) {
        std::ifstream text(folder_ / "server.log");
        throw std::runtime_error("the test's PostgreSQL did not start: " +
                                 std::string(std::istreambuf_iterator<char>(text), {}));
    }
}

void PostgresServer::stop() {
    if (postmaster_) {
        postmaster_->signal(SIGINT);
        [[maybe_unused]] const auto status = postmaster_->wait_until(steady_clock::now() + seconds(30));
        kill();
    }
}

void PostgresServer::kill() {
    // Again and again, for a back end that was just being forked.
    const bool are_gone = eventually(seconds(10), [this] {
        cluster_.processes().kill();
        return cluster_.processes().find().empty();
    });
    postmaster_.reset();
    if (!are_gone) {
        throw std::runtime_error("the test's PostgreSQL does not end");
    }
}

std::string PostgresServer::url_of(const std::string& database) const {
    return fmt::format("postgresql:///{}?host={}&port=5432&user={}", database, folder_.path().string(),
                       postgres::kPrivateUser);
}

std::string PostgresServer::url_through(std::uint16_t proxy_port) const {
    return fmt::format("postgresql://{}@127.0.0.1:{}/{}", postgres::kPrivateUser, proxy_port,
                       postgres::kPrivateDatabase);
}

std::string PostgresServer::create_database() {
    const std::string name = fmt::format("test_{}", ++databases_);
    run_sql("CREATE DATABASE " + name);
    return url_of(name);
}

std::string PostgresServer::run_sql(const std::string& sql) const {
    const auto done = postgres::run({.arguments = {cluster_.installation().program("psql"), "-X", "-A", "-t",
                                                   "-q", "-v", "ON_ERROR_STOP=1", "-d", url(), "-c", sql}},
                                    steady_clock::now() + seconds(60));
    if (!done.status.is_success()) {
        throw std::runtime_error("psql: " + done.output);
    }
    return done.output;
}

}  // namespace headwater::testing
