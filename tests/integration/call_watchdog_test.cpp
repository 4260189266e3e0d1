#include "postgres/call_watchdog.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <future>

#include "postgres/connection.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/sockets.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using postgres::CallWatchdog;
using postgres::Connection;
using postgres::ConnectionSettings;

constexpr auto kNow = 0ms;  // a limit that is over at the next look
constexpr auto kPatience = 60s;

/// Two ends of one link; the far one never says a word.
class SilentLink {
  public:
    SilentLink() {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw std::runtime_error("socketpair failed");
        near_ = FileDescriptor(ends[0]);
        far_ = FileDescriptor(ends[1]);
    }
    [[nodiscard]] int socket() const { return near_.get(); }
    /// Blocks like a client that waits for an answer; returns once the link is shut.
    void wait_for_answer() const {
        char byte = 0;
        EXPECT_EQ(::recv(near_.get(), &byte, 1, 0), 0);
    }
    [[nodiscard]] bool is_shut() const {
        char byte = 0;
        return ::recv(near_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
    }

  private:
    FileDescriptor near_;
    FileDescriptor far_;
};

TEST(CallWatchdogTest, EndsACallThatIsNeverAnswered) {
    const auto watchdog = std::make_shared<CallWatchdog>();
    const SilentLink link;
    CallWatchdog::Session session(watchdog, link.socket());
    const CallWatchdog::Call call(&session, kNow);
    link.wait_for_answer();
}

TEST(CallWatchdogTest, LeavesTheOthersAlone) {
    const auto watchdog = std::make_shared<CallWatchdog>();
    const SilentLink idle;
    const SilentLink answered;
    const SilentLink patient;
    const SilentLink gone;
    const SilentLink overdue;
    CallWatchdog::Session idle_session(watchdog, idle.socket());
    CallWatchdog::Session answered_session(watchdog, answered.socket());
    CallWatchdog::Session patient_session(watchdog, patient.socket());
    CallWatchdog::Session overdue_session(watchdog, overdue.socket());
    { const CallWatchdog::Call call(&answered_session, kNow); }
    { CallWatchdog::Session gone_session(watchdog, gone.socket()); }
    const CallWatchdog::Call patient_call(&patient_session, std::chrono::hours(1));
    const CallWatchdog::Call overdue_call(&overdue_session, kNow);
    overdue.wait_for_answer();  // so it has looked at all of them
    for (const SilentLink* other : {&idle, &patient, &gone}) EXPECT_FALSE(other->is_shut());
}

TEST(CallWatchdogTest, WatchesTheNextCallOfASessionToo) {
    const auto watchdog = std::make_shared<CallWatchdog>();
    const SilentLink link;
    CallWatchdog::Session session(watchdog, link.socket());
    { const CallWatchdog::Call call(&session, std::chrono::hours(1)); }
    const CallWatchdog::Call call(&session, kNow);
    link.wait_for_answer();
}

TEST(CallWatchdogTest, WithoutASessionNothingIsWatched) {
    const CallWatchdog::Call call(nullptr, kNow);
}

TEST(CallWatchdogConnection, GivesUpOnAServerThatAcceptsAndNeverAnswers) {
    const FileDescriptor silent = listen_on(0);
    ConnectionSettings settings;
    settings.url = "postgresql://nobody@127.0.0.1:" + std::to_string(port_of(silent)) +
                   "/nothing?connect_timeout=2&sslmode=disable";
    settings.watchdog = std::make_shared<CallWatchdog>();
    EXPECT_THROW(Connection{settings}, Unavailable);
}

/// A real PostgreSQL whose processes can be stopped, as those of a machine that has frozen.
class CallWatchdogPostgres : public ::testing::Test {
  protected:
    ~CallWatchdogPostgres() override { signal_all(SIGCONT); }

    void signal_all(int number) const {
        for (const pid_t pid : server_.processes().find()) ::kill(pid, number);
    }
    [[nodiscard]] ConnectionSettings settings() const {
        ConnectionSettings made;
        made.url = server_.url();
        made.statement_timeout = 200ms;
        made.silence = 100ms;
        made.watchdog = watchdog_;
        return made;
    }

    std::shared_ptr<CallWatchdog> watchdog_ = std::make_shared<CallWatchdog>();
    PostgresServer server_{Durability::none};
};

TEST_F(CallWatchdogPostgres, AStoppedServerIsALostConnection) {
    Connection connection(settings());
    signal_all(SIGSTOP);
    EXPECT_THROW(connection.query("select 1"), Unavailable);
    EXPECT_FALSE(connection.is_open());
    signal_all(SIGCONT);
    EXPECT_TRUE(eventually(kPatience, [this] {
        try {
            return Connection(settings()).query("select 1").size() == 1;
        } catch (const Unavailable&) {
            return false;
        }
    }));
}

TEST_F(CallWatchdogPostgres, ATransactionsCallsAreWatchedToo) {
    Connection connection(settings());
    postgres::Transaction transaction(connection);
    transaction.query("select 1");
    signal_all(SIGSTOP);
    EXPECT_THROW(transaction.commit(), Unavailable);
}

TEST_F(CallWatchdogPostgres, AnAnsweringServerIsLeftInPeace) {
    Connection watched(settings());
    Connection stalled(settings());
    EXPECT_THROW(stalled.run("select pg_sleep(60)"), Unavailable) << "the server's own timeout";
    for (int i = 0; i < 100; ++i) EXPECT_EQ(watched.query("select 1").size(), 1U);
    EXPECT_TRUE(watched.is_open());
    EXPECT_TRUE(stalled.is_open());
}

}  // namespace
}  // namespace headwater::testing
