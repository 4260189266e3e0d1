#include "postgres/sql_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/connection_settings.hpp"

namespace headwater::postgres {
namespace {

using namespace std::chrono;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(SqlText, TimesGoThereAndBack) {
    for (const Timestamp moment :
         {Timestamp{}, Timestamp{microseconds{1}}, Timestamp{microseconds{-1}},
          Timestamp{sys_days{year{2018} / 2 / 1} + 11h + 12min + 1s + 500ms},
          Timestamp{sys_days{year{9999} / 12 / 31}}, Timestamp{sys_days{year{1} / 1 / 1}}}) {
        EXPECT_EQ(parse_sql_time(to_sql(moment)), moment) << to_sql(moment);
    }
    EXPECT_EQ(parse_sql_time("2018-02-01 11:12:01.5+00"),
              Timestamp{sys_days{year{2018} / 2 / 1} + 11h + 12min + 1500ms});
    EXPECT_EQ(parse_sql_time("2018-02-01 11:12:01+00"),
              Timestamp{sys_days{year{2018} / 2 / 1} + 11h + 12min + 1s});
}

TEST(SqlText, TimesBeyondTheCalendarAreInfinite) {
    EXPECT_EQ(to_sql(Timestamp::max()), "infinity");
    EXPECT_EQ(to_sql(Timestamp::min()), "-infinity");
    EXPECT_EQ(parse_sql_time("infinity"), Timestamp::max());
    EXPECT_EQ(parse_sql_time("-infinity"), Timestamp::min());
}

TEST(SqlText, ArraysAreSplit) {
    EXPECT_THAT(split_sql_array("{}"), IsEmpty());
    EXPECT_THAT(split_sql_array(""), IsEmpty());
    EXPECT_THAT(split_sql_array("{1}"), ElementsAre("1"));
    EXPECT_THAT(split_sql_array("{1,NULL,duplicate}"), ElementsAre("1", "", "duplicate"));
}

TEST(SqlTextConninfo, CompletesTheUrl) {
    const std::string conninfo =
        to_conninfo({.url = "postgresql://u:it's%20secret@db:5433/d?connect_timeout=9"});
    EXPECT_THAT(conninfo, HasSubstr("host='db'"));
    EXPECT_THAT(conninfo, HasSubstr("password='it\\'s secret'"));
    EXPECT_THAT(conninfo, HasSubstr("connect_timeout='9'"));
    EXPECT_THAT(conninfo, HasSubstr("target_session_attrs='read-write'"));
    EXPECT_THAT(to_conninfo({.url = "host=/tmp dbname=d"}), HasSubstr("client_encoding='UTF8'"));
}

TEST(SqlTextConninfo, ABadUrlIsNotRepeated) {
    try {
        static_cast<void>(to_conninfo({.url = "postgresql://u:secret@[db"}));
        FAIL() << "it should have thrown";
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
    }
}

}  // namespace
}  // namespace headwater::postgres
