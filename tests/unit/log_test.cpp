#include "core/log.hpp"

#include <unistd.h>

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_text.hpp"

namespace headwater {
namespace {

using testing::HasSubstr;

/// What a call writes to standard error, without its line end.
template <class Call>
std::string written_by(const Call& call) {
    testing::internal::CaptureStderr();
    call();
    auto text = testing::internal::GetCapturedStderr();
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

// The form is chosen once, by what standard error is when the first line is written.
class LogAsJson : public testing::Test {
  protected:
    void SetUp() override {
        if (::isatty(STDERR_FILENO) == 1) GTEST_SKIP() << "standard error is a terminal";
    }
    void TearDown() override { log::set_level(log::Level::info); }
};

TEST_F(LogAsJson, WritesOneObjectALine) {
    const auto line = written_by([] {
        log::warn("delivery.failed", {{"stream", "rabbit-\"x\"\n"},
                                      {"attempt", 3},
                                      {"seconds", 0.5},
                                      {"bytes", "\xFF"},
                                      {"rate", std::numeric_limits<double>::quiet_NaN()}});
    });
    EXPECT_TRUE(check_json(line)) << line;
    EXPECT_FALSE(line.contains('\n'));
    EXPECT_THAT(line, testing::StartsWith(R"({"time":"20)"));
    EXPECT_THAT(
        line,
        HasSubstr(
            R"("level":"warn","fact":"delivery.failed","stream":"rabbit-\"x\"\n","attempt":3,"seconds":0.5)"));
    EXPECT_THAT(line, HasSubstr(R"("bytes":"?")"));
}

TEST_F(LogAsJson, IsQuietBelowItsLevel) {
    EXPECT_EQ(written_by([] { log::debug("append.commit"); }), "");
    log::set_level(log::Level::debug);
    EXPECT_TRUE(log::is_enabled(log::Level::debug));
    EXPECT_NE(written_by([] { log::debug("append.commit"); }), "");
    log::set_level(log::Level::error);
    EXPECT_EQ(written_by([] { log::warn("append.unavailable"); }), "");
}

}  // namespace
}  // namespace headwater
