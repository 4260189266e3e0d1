#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/memory_log.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LogFindAllTest : public ::testing::Test {
  protected:
    Cursor append(const EventTypePtr& type) {
        const Appended stored = database_.append({make_new_event(type, "1")}).events.at(0);
        return {stored.id, stored.created_at};
    }
    std::vector<std::int64_t> find_all(const std::vector<Cursor>& wanted) {
        std::vector<std::int64_t> ids;
        for (const EventPtr& event : database_->log_reader().find_all(wanted)) ids.push_back(event->id.value);
        std::ranges::sort(ids);
        return ids;
    }

    TestDatabase database_;
};

TEST_F(LogFindAllTest, FindsEventsOfAllClassesAndThoseThatOnlyPassThrough) {
    const std::vector<Cursor> all = {
        append(database_.register_type("p")), append(database_.register_type("h", "1hour")),
        append(database_.register_type("e", "ephemeral")), append(database_.register_type("p"))};
    EXPECT_THAT(find_all(all), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(find_all({all[3], all[1]}), ElementsAre(2, 4));
    EXPECT_THAT(find_all({}), IsEmpty());
    const auto events = database_->log_reader().find_all({{all[2]}});
    EXPECT_TRUE(events.at(0)->is_ephemeral);
    EXPECT_EQ(events.at(0)->type, "e");
}

TEST_F(LogFindAllTest, LeavesOutWhatIsNotThere) {
    const Cursor stored = append(database_.register_type("p"));
    const Cursor expired = append(database_.register_type("h", "1hour"));
    database_.sql().run("update headwater.events set expires_at = clock_timestamp() where id = 2");
    const Cursor unknown{Position{9}, stored.at};
    const Cursor another_time{stored.position, stored.at - std::chrono::seconds(1)};
    EXPECT_THAT(find_all({expired, unknown, another_time}), IsEmpty());
    EXPECT_THAT(find_all({stored, expired, unknown}), ElementsAre(1));
}

TEST_F(LogFindAllTest, TakesMoreThanOneStatementFinds) {
    const EventTypePtr type = database_.register_type("p");
    std::vector<Cursor> wanted;
    for (int batch = 0; batch < 3; ++batch) {
        const auto stored = database_.append(std::vector<NewEvent>(900, make_new_event(type, "1")));
        for (const Appended& one : stored.events) wanted.push_back({one.id, one.created_at});
    }
    const auto found = find_all(wanted);
    EXPECT_THAT(found, SizeIs(2'700));
    EXPECT_EQ(found.back(), 2'700);
}

}  // namespace
}  // namespace headwater::testing
