#include "core/retention.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;
using Unit = Retention::Unit;

Retention limited(int count, Unit unit) {
    return {Retention::Kind::limited, count, unit};
}

std::string_view class_of(std::string_view ttl) {
    return retention_class_of(parse_retention(ttl).value()).name;
}

TEST(Retention, ReadsEveryUnitInSingularAndPlural) {
    EXPECT_EQ(parse_retention("30seconds"), limited(30, Unit::seconds));
    EXPECT_EQ(parse_retention("1minute"), limited(1, Unit::minutes));
    EXPECT_EQ(parse_retention("12hours"), limited(12, Unit::hours));
    EXPECT_EQ(parse_retention("24days"), limited(24, Unit::days));
    EXPECT_EQ(parse_retention("2week"), limited(2, Unit::weeks));
    EXPECT_EQ(parse_retention("6months"), limited(6, Unit::months));
    EXPECT_EQ(parse_retention("1year"), limited(1, Unit::years));
    EXPECT_TRUE(parse_retention("permanent")->is_permanent());
    EXPECT_TRUE(parse_retention("ephemeral")->is_ephemeral());
}

TEST(Retention, RefusesWhatIsNoTtl) {
    for (const auto* text :
         {"", "days", "24", "24 days", "-1days", "0days", "1.5days", "24dayss", "24Days", "24fortnights",
          "day", "Permanent", " 1day", "1day ", "+1day", "99999999999999999999days"}) {
        EXPECT_FALSE(parse_retention(text)) << text;
    }
}

TEST(Retention, EndsAtAHundredYears) {
    for (const auto* text :
         {"100years", "1200months", "5217weeks", "36525days", "876600hours", "52596000minutes"}) {
        EXPECT_TRUE(parse_retention(text)) << text;
    }
    for (const auto* text : {"101years", "1201months", "5218weeks", "36526days", "876601hours",
                             "52596001minutes", "3155760001seconds"}) {
        EXPECT_FALSE(parse_retention(text)) << text;
    }
    EXPECT_TRUE(parse_retention("2147483647seconds"));
    EXPECT_FALSE(parse_retention("2147483648seconds"));
}

TEST(Retention, WritesTheCanonicalText) {
    for (const auto* text :
         {"permanent", "ephemeral", "1second", "30seconds", "1day", "24days", "1year", "2years"}) {
        EXPECT_EQ(to_string(parse_retention(text).value()), text);
    }
    EXPECT_EQ(to_string(parse_retention("24day").value()), "24days");
}

TEST(Retention, ExpiresByTheCalendar) {
    const Timestamp noon = sys_days{2024y / 1 / 31} + 12h;
    EXPECT_EQ(expiry_of(limited(1, Unit::months), noon), Timestamp(sys_days{2024y / 2 / 29} + 12h));
    EXPECT_EQ(expiry_of(limited(13, Unit::months), noon), Timestamp(sys_days{2025y / 2 / 28} + 12h));
    EXPECT_EQ(expiry_of(limited(2, Unit::months), noon), Timestamp(sys_days{2024y / 3 / 31} + 12h));
    EXPECT_EQ(expiry_of(limited(1, Unit::years), sys_days{2024y / 2 / 29}),
              Timestamp(sys_days{2025y / 2 / 28}));
    EXPECT_EQ(expiry_of(limited(24, Unit::days), noon), noon + days{24});
    EXPECT_EQ(expiry_of(limited(52'596'000, Unit::minutes), noon), noon + days{36'525});
    EXPECT_EQ(expiry_of(limited(2, Unit::weeks), noon), noon + days{14});
    EXPECT_EQ(expiry_of({Retention::Kind::ephemeral, 0, {}}, noon), noon + 60s);
    EXPECT_EQ(expiry_of(Retention{}, noon), Timestamp::max());
}

TEST(Retention, RoundsUpToTheNextClass) {
    EXPECT_EQ(class_of("1second"), "minute");
    EXPECT_EQ(class_of("60seconds"), "minute");
    EXPECT_EQ(class_of("61seconds"), "tenminutes");
    EXPECT_EQ(class_of("90minutes"), "sixhours");
    EXPECT_EQ(class_of("1day"), "day");
    EXPECT_EQ(class_of("3days"), "threedays");
    EXPECT_EQ(class_of("1week"), "week");
    EXPECT_EQ(class_of("2weeks"), "twoweeks");
    EXPECT_EQ(class_of("24days"), "month");
    EXPECT_EQ(class_of("1month"), "month");
    EXPECT_EQ(class_of("3months"), "quarter");
    EXPECT_EQ(class_of("4months"), "year");
    EXPECT_EQ(class_of("12months"), "year");
    EXPECT_EQ(class_of("1year"), "year");
    EXPECT_EQ(class_of("10years"), "decade");
    EXPECT_EQ(class_of("11years"), "permanent");
    EXPECT_EQ(class_of("permanent"), "permanent");
}

TEST(Retention, TheClassesAscendAndEndInPermanent) {
    const auto classes = retention_classes();
    ASSERT_EQ(classes.size(), 13U);
    for (std::size_t i = 0; i < classes.size(); ++i) {
        EXPECT_EQ(classes[i].id, static_cast<int>(i) + 1);
        if (i > 0) {
            EXPECT_LT(classes[i - 1].longest, classes[i].longest);
        }
    }
    EXPECT_EQ(classes.back().name, "permanent");
    EXPECT_EQ(classes.back().longest, std::chrono::seconds::max());
}

TEST(Retention, NoEventOutlivesItsClass) {
    for (int months = 1; months <= 120; ++months) {
        const auto retention = limited(months, Unit::months);
        const auto longest = retention_class_of(retention).longest;
        for (auto day = sys_days{2095y / 1 / 1}; day < sys_days{2105y / 1 / 1}; day += days{1}) {
            ASSERT_LE(expiry_of(retention, day) - Timestamp(day), longest) << months;
        }
    }
}

}  // namespace
}  // namespace headwater
