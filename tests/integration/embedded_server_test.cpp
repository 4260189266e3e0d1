#include "postgres/embedded_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "postgres/account.hpp"
#include "postgres/cluster_processes.hpp"
#include "postgres/process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/temp_dir.hpp"

namespace headwater::postgres {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Why a server does not start; "" when it does.
std::string refusal(const EmbeddedOptions& options) {
    try {
        [[maybe_unused]] const auto server = EmbeddedServer::start(options);
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

std::string run_sql(const EmbeddedServer& server, const std::string& sql) {
    return run({.arguments = {"/usr/bin/psql", "-XAtqd", server.url(), "-c", sql}},
               steady_clock::now() + seconds(20))
        .output;
}

/// A data directory whose processes end with the test, whatever became of it.
class EmbeddedServerTest : public ::testing::Test {
  protected:
    ~EmbeddedServerTest() override { processes().kill(); }

    /// Spares the test the seconds of a first start.
    void skip_first_start() const {
        fs::create_directory(data_dir());
        headwater::testing::copy_cluster_template(data_dir());
    }
    [[nodiscard]] std::unique_ptr<EmbeddedServer> start() const {
        return EmbeddedServer::start({.data_dir = data_dir()});
    }
    [[nodiscard]] fs::path data_dir() const { return folder_ / "data"; }
    [[nodiscard]] fs::path cluster() const { return data_dir() / "postgres"; }
    [[nodiscard]] ClusterProcesses processes() const {
        struct stat found {};
        ::stat(cluster().c_str(), &found);
        return {.folder = cluster(), .owner = found.st_uid};
    }

    headwater::testing::TempDir folder_;
};

TEST_F(EmbeddedServerTest, MakesADurableUtf8ClusterWithoutTcpAtTheFirstStart) {
    const auto server = start();
    EXPECT_TRUE(server->is_running());
    EXPECT_EQ(
        run_sql(
            *server,
            "SELECT current_database(), current_setting('server_encoding'), current_setting('lc_collate'),"
            " current_setting('data_checksums'), current_setting('fsync'),"
            " current_setting('listen_addresses'), current_setting('TimeZone')"),
        "headwater|UTF8|C|on|on||UTC\n");
}

TEST_F(EmbeddedServerTest, LetsNobodyElseReachItsSocket) {
    skip_first_start();
    const auto server = start();
    struct stat socket_folder {};
    ASSERT_EQ(::stat((data_dir() / "run").c_str(), &socket_folder), 0);
    EXPECT_EQ(socket_folder.st_mode & 07777, 0700U);
}

TEST_F(EmbeddedServerTest, KeepsItsDataThroughAStopAndAStart) {
    skip_first_start();
    auto server = start();
    run_sql(*server, "CREATE TABLE kept AS SELECT 7 AS value");
    server->stop();
    EXPECT_FALSE(server->is_running());
    EXPECT_EQ(server->postmaster_pid(), 0);
    EXPECT_TRUE(processes().find().empty());
    server.reset();
    EXPECT_EQ(run_sql(*start(), "TABLE kept"), "7\n");
}

TEST_F(EmbeddedServerTest, RestartsWithItsDataWhenEveryProcessIsKilled) {
    skip_first_start();
    const auto server = start();
    run_sql(*server, "CREATE TABLE kept AS SELECT 7 AS value");
    const pid_t first = server->postmaster_pid();
    processes().kill();
    ASSERT_TRUE(headwater::testing::eventually(
        seconds(30), [&] { return server->is_running() && server->postmaster_pid() != first; }));
    EXPECT_EQ(run_sql(*server, "TABLE kept"), "7\n");
}

TEST_F(EmbeddedServerTest, RestartsWhenOnlyThePostmasterIsKilledAndABackEndIsBusy) {
    skip_first_start();
    const auto server = start();
    const std::string count = "SELECT count(*) FROM generate_series(1, 1000000000000)";
    const ChildProcess busy =
        ChildProcess::launch({.arguments = {"/usr/bin/psql", "-Xd", server->url(), "-c", count}});
    ASSERT_TRUE(headwater::testing::eventually(seconds(10), [&] {
        return run_sql(*server, "SELECT count(*) FROM pg_stat_activity WHERE query = '" + count + "'") ==
               "1\n";
    }));
    const pid_t first = server->postmaster_pid();
    ::kill(first, SIGKILL);
    ASSERT_TRUE(headwater::testing::eventually(
        seconds(30), [&] { return server->is_running() && server->postmaster_pid() != first; }));
    EXPECT_EQ(run_sql(*server, "SELECT 1"), "1\n");
}

TEST_F(EmbeddedServerTest, EndsWhatAnEarlierLifeLeftBehind) {
    skip_first_start();
    start()->stop();
    // As after kill -9 of headwater where the kernel did not end its postmaster.
    Command stray{.arguments = {"/usr/lib/postgresql/15/bin/postgres", "-c", "listen_addresses=", "-c",
                                "unix_socket_directories=" + (data_dir() / "run").string(), "-c",
                                "cluster_name=" + processes().name(), "-D", cluster().string()},
                  .directory = cluster()};
    if (is_root()) {
        stray.account = find_account("postgres");
    }
    ChildProcess left = ChildProcess::launch(stray);
    ASSERT_TRUE(headwater::testing::eventually(seconds(10),
                                               [&] { return fs::exists(cluster() / "postmaster.pid"); }));
    const auto server = start();
    EXPECT_TRUE(left.wait_until(steady_clock::now()));
    EXPECT_EQ(run_sql(*server, "SELECT 1"), "1\n");
}

TEST_F(EmbeddedServerTest, StartsWhenTheOldPostmastersNumberIsAZombieThatNobodyReaps) {
    skip_first_start();
    Command program{.arguments = {"/bin/true"}};
    if (is_root()) {
        program.account = find_account("postgres");
    }
    const ChildProcess zombie = ChildProcess::launch(program);
    ASSERT_TRUE(wait_readable(zombie.descriptor(), steady_clock::now() + seconds(10)));
    start()->stop();
    for (const fs::path& lock : {cluster() / "postmaster.pid", data_dir() / "run" / ".s.PGSQL.5432.lock"}) {
        std::ofstream(lock) << zombie.pid() << '\n';
        fs::permissions(lock, fs::perms::all);
    }
    EXPECT_EQ(run_sql(*start(), "SELECT 1"), "1\n");
}

TEST_F(EmbeddedServerTest, KeepsASecondServerOutAndNamesTheFirst) {
    skip_first_start();
    const auto server = start();
    EXPECT_THAT(refusal({.data_dir = data_dir()}),
                AllOf(HasSubstr("in use by another headwater"), HasSubstr(std::to_string(::getpid()))));
    EXPECT_EQ(run_sql(*server, "SELECT 1"), "1\n");
}

TEST_F(EmbeddedServerTest, SaysThatPostgresCannotReachTheDataDirectory) {
    if (!is_root()) {
        GTEST_SKIP() << "only root runs PostgreSQL as another user";
    }
    fs::create_directory(folder_ / "closed");
    fs::permissions(folder_ / "closed", fs::perms::owner_all);
    EXPECT_THAT(refusal({.data_dir = folder_ / "closed" / "data"}),
                HasSubstr("cannot reach the data directory"));
}

TEST_F(EmbeddedServerTest, NamesTheMissingVersionAndTheUpgrade) {
    skip_first_start();
    std::ofstream(cluster() / "PG_VERSION") << "9\n";
    EXPECT_THAT(refusal({.data_dir = data_dir()}), AllOf(HasSubstr("postgresql-9"), HasSubstr("pg_upgrade")));
}

TEST_F(EmbeddedServerTest, SaysThatNoPostgresIsInstalled) {
    EXPECT_THAT(refusal({.data_dir = data_dir(), .installations = folder_ / "none"}),
                HasSubstr("No PostgreSQL was found"));
}

TEST_F(EmbeddedServerTest, StartsAnewAfterAFirstStartThatWasCutShort) {
    fs::create_directories(data_dir() / "postgres.new" / "base");
    EXPECT_EQ(run_sql(*start(), "SELECT 1"), "1\n");
    EXPECT_FALSE(fs::exists(data_dir() / "postgres.new"));
}

TEST_F(EmbeddedServerTest, PutsItsSocketElsewhereWhenThePathWouldBeTooLong) {
    const auto server = EmbeddedServer::start({.data_dir = folder_ / std::string(120, 'x')});
    EXPECT_EQ(run_sql(*server, "SELECT 1"), "1\n");
    const auto socket_folder = run_sql(*server, "SHOW unix_socket_directories");
    server->stop();
    EXPECT_LT(socket_folder.size(), 100U);
}

TEST_F(EmbeddedServerTest, LetsTheOperatorsSettingsWin) {
    skip_first_start();
    std::ofstream(data_dir() / "postgresql.local.conf") << "work_mem = 5MB\n";
    EXPECT_EQ(run_sql(*start(), "SHOW work_mem"), "5MB\n");
}

}  // namespace
}  // namespace headwater::postgres
