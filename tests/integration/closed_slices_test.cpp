#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>

#include "rest/log_clock.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;

/// A node's clock that goes wrong by so much.
class WrongClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override { return clock_.now() + error; }
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return clock_.steady_now();
    }
    std::chrono::microseconds error{0};

  private:
    SystemClock clock_;
};

/// When a slice counts as closed: only once nothing can be stored in it any more.
class ClosedSlicesTest : public ::testing::Test {
  protected:
    /// Appends one event as append() does and keeps its transaction open.
    void append_slowly(postgres::Transaction& transaction) {
        transaction.run(
            fmt::format("select headwater.lock_log(); insert into headwater.events (id, created_at, "
                        "expires_at, type_id, class, "
                        "payload_base64, meta, payload) select h.last_value + 1, clock_timestamp(), "
                        "'infinity', {}, 13, false, "
                        "'', '1' from headwater.log_head h; select setval('headwater.log_head', 1), "
                        "setval('headwater.log_clock', "
                        "(select headwater.to_micros(created_at) from headwater.events))",
                        type_->id.value));
    }
    std::size_t events_until(Timestamp end) {
        FeedQuery query;
        query.from = end - 1h;
        query.to = end;
        return database_->feed_reader().page(query).entries.size();
    }

    TestDatabase database_;
    EventTypePtr type_ = database_.register_type("a");
    WrongClock clock_;
    rest::LogClock log_clock_{database_->log_reader(), clock_};
};

TEST_F(ClosedSlicesTest, ASliceStaysOpenWhileATransactionMayStillCommitIntoIt) {
    postgres::Connection writer(database_.settings());
    std::future<std::size_t> seen;
    Timestamp end;
    {
        postgres::Transaction open(writer);
        append_slowly(open);
        end = database_->clock_now();
        seen = std::async(std::launch::async, [&] {
            while (!log_clock_.has_passed(end)) std::this_thread::yield();
            return events_until(end);
        });
        EXPECT_TRUE(eventually(10s, [&] {
            return database_.number(
                       "select count(*) from pg_locks where locktype = 'advisory' and not granted") > 0;
        })) << "whoever asks waits for the transaction";
        EXPECT_FALSE(log_clock_.is_known_past(end));
        open.commit();
    }
    EXPECT_EQ(seen.get(), 1U) << "a closed slice shows what was committed last";
}

TEST_F(ClosedSlicesTest, ANodeWhoseClockIsFastClosesNothingEarly) {
    clock_.error = 2h;
    const Timestamp end = database_->clock_now() + 1h;
    EXPECT_FALSE(log_clock_.has_passed(end));
    EXPECT_TRUE(eventually(5s, [&] { return log_clock_.has_passed(end - 2h); }));
}

TEST_F(ClosedSlicesTest, ANodeWhoseClockIsSlowClosesThemLater) {
    const Timestamp end = database_->clock_now();
    clock_.error = -2h;
    EXPECT_FALSE(log_clock_.has_passed(end));
    clock_.error = 0s;
    EXPECT_TRUE(eventually(5s, [&] { return log_clock_.has_passed(end); }));
}

TEST_F(ClosedSlicesTest, ALogWhoseClockStandsAheadPutsNothingIntoWhatItHasPassed) {
    database_.sql().run(
        "select setval('headwater.log_clock', headwater.to_micros(clock_timestamp() + interval '30 "
        "seconds'))");
    const Timestamp end = database_->clock_now();
    EXPECT_TRUE(eventually(5s, [&] { return log_clock_.has_passed(end); }));
    database_.append({make_new_event(type_, "1")});
    EXPECT_EQ(events_until(end), 0U);
    EXPECT_EQ(events_until(end + 1min), 1U);
}

}  // namespace
}  // namespace headwater::testing
