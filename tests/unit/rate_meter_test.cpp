#include "core/rate_meter.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const RateMeter::TimePoint kStart{seconds(100'000)};

TEST(RateMeter, SaysHowManyASecondOverTheLastMinute) {
    RateMeter meter;
    EXPECT_EQ(meter.per_second(kStart), 0);
    for (int i = 0; i < 600; ++i) meter.count(kStart + milliseconds(100) * i);
    EXPECT_NEAR(meter.per_second(kStart + seconds(59)), 10, 1);
}

TEST(RateMeter, ForgetsWhatIsOlder) {
    RateMeter meter;
    for (int i = 0; i < 120; ++i) meter.count(kStart);
    EXPECT_DOUBLE_EQ(meter.per_second(kStart + seconds(30)), 2);
    EXPECT_DOUBLE_EQ(meter.per_second(kStart + seconds(61)), 0);
    meter.count(kStart + seconds(300));
    EXPECT_NEAR(meter.per_second(kStart + seconds(300)), 1.0 / 60, 1e-9);
}

}  // namespace
}  // namespace headwater
