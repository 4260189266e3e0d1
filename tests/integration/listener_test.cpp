#include <gtest/gtest.h>

#include <atomic>

#include "postgres/listener.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;

class ListenerTest : public ::testing::Test {
  protected:
    bool heard(const std::atomic<int>& count, int at_least, std::chrono::milliseconds patience = 5s) {
        return eventually(patience, [&] { return count >= at_least; });
    }

    TestDatabase database_;
    std::atomic<int> log_{0};
    std::atomic<int> registry_{0};
    std::atomic<int> leases_{0};
    std::atomic<int> any_stream_{0};
    std::atomic<std::int64_t> last_stream_{0};
    std::unique_ptr<postgres::Listener> listener_ =
        database_->make_listener({.own_process = 77,
                                  .on_log = [this] { ++log_; },
                                  .on_registry = [this] { ++registry_; },
                                  .on_stream =
                                      [this](std::optional<StreamId> stream) {
                                          if (stream) last_stream_ = stream->value;
                                          if (!stream) ++any_stream_;
                                      },
                                  .on_leases = [this] { ++leases_; }});
};

TEST_F(ListenerTest, HearsOfAppendsAndRegistrationsAtOnce) {
    ASSERT_TRUE(heard(log_, 1) && heard(registry_, 1)) << "both are called after connecting";
    const int registry_before = registry_;
    const auto type = database_.register_type("a");
    EXPECT_TRUE(heard(registry_, registry_before + 1, 500ms));
    const int log_before = log_;
    database_.append({make_new_event(type, "1")});
    EXPECT_TRUE(heard(log_, log_before + 1, 500ms));
}

TEST_F(ListenerTest, HearsWhichStreamAnOperatorChanged) {
    ASSERT_TRUE(heard(leases_, 1)) << "the last to be called after connecting";
    EXPECT_EQ(any_stream_, 1);
    database_.sql().run("select pg_notify('headwater_streams', '12')");
    EXPECT_TRUE(eventually(500ms, [&] { return last_stream_ == 12; }));
    EXPECT_EQ(any_stream_, 1);
}

TEST_F(ListenerTest, HearsOfFreeStreamsButNotFromItself) {
    ASSERT_TRUE(heard(leases_, 1));
    database_.sql().run("select pg_notify('headwater_leases', '77')");
    database_.sql().run("select pg_notify('headwater_streams', '1')");
    ASSERT_TRUE(eventually(500ms, [&] { return last_stream_ == 1; }));
    EXPECT_EQ(leases_, 1);
    database_.sql().run("select pg_notify('headwater_leases', '78')");
    EXPECT_TRUE(heard(leases_, 2, 500ms));
}

TEST_F(ListenerTest, PollsAsASafetyNet) {
    ASSERT_TRUE(heard(log_, 1));
    EXPECT_TRUE(heard(log_, 3));
    EXPECT_TRUE(heard(registry_, 3));
}

TEST_F(ListenerTest, ComesBackAfterItsSessionIsLost) {
    ASSERT_TRUE(heard(log_, 1));
    const std::string listeners =
        "select count(*) from pg_stat_activity where application_name = 'headwater listener' and datname = "
        "current_database()";
    ASSERT_EQ(database_.number("select count(pg_terminate_backend(pid)) from pg_stat_activity where "
                               "application_name = 'headwater listener' and datname = current_database()"),
              1);
    const int before = log_;
    ASSERT_TRUE(heard(log_, before + 1));
    ASSERT_TRUE(eventually(5s, [&] { return database_.number(listeners) == 1; }));
    database_.register_type("a");
    EXPECT_TRUE(heard(registry_, 2));
    EXPECT_EQ(any_stream_, 2) << "notifications may have been missed";
    EXPECT_EQ(leases_, 2);
}

TEST_F(ListenerTest, StopsAtOnce) {
    ASSERT_TRUE(heard(log_, 1));
    const auto began = std::chrono::steady_clock::now();
    listener_->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 500ms);
}

}  // namespace
}  // namespace headwater::testing
