#include "core/notice_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/email/email_sink_type.hpp"
#include "sinks/webhook/webhook_sink_type.hpp"
#include "tests/support/settlements.hpp"

namespace headwater {
namespace {

using ::testing::HasSubstr;
using testing::make_sink_event;
using ::testing::StartsWith;

/// A destination that refuses everything: what is delivered was not meant for it.
class RefusingType final : public SinkType {
  public:
    class RefusingSink final : public Sink {
      public:
        void deliver(Delivery delivery) override {
            DeliveryResult refused;
            refused.outcome = DeliveryResult::Outcome::failed;
            delivery.settle(std::move(refused));
        }
        [[nodiscard]] std::size_t window() const override { return 7; }
    };

    [[nodiscard]] std::string_view source() const override { return "refusing"; }
    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view, std::optional<std::string_view>) const override {
        return ParsedDestination{.json = "{}", .default_name = "r", .shown_once = {}};
    }
    [[nodiscard]] std::string describe(std::string_view) const override { return ""; }
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view) const override { return {}; }
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId, std::string_view) const override {
        return std::make_unique<RefusingSink>();
    }
};

class NoticeSinkTest : public ::testing::Test {
  protected:
    static std::optional<std::string> nothing(const std::string&) { return std::nullopt; }
    Notice read(const std::string& source, const std::string& members,
                const NoticeSinkType::Stored& stored = nothing) {
        return notices_.read(R"({"source":")" + source + "\"" + members + "}", source, stored).value();
    }

    sinks::EmailSinkType email_{std::nullopt};
    sinks::WebhookSinkType webhook_{{}};
    RefusingType refusing_;
    NoticeSinkType notices_{{&email_, &webhook_, &refusing_}};
};

TEST_F(NoticeSinkTest, TheSameDestinationIsTheSameStream) {
    const Notice one = read("email", R"(,"to":"a@b")");
    EXPECT_THAT(one.stream, StartsWith("monitor-email-"));
    EXPECT_EQ(read("email", R"( , "to" : ["a@b"] )").stream, one.stream);
    EXPECT_NE(read("email", R"(,"to":"a@c")").stream, one.stream);
    EXPECT_NE(read("email", R"(,"to":"a@b","subject":"x")").stream, one.stream);
    EXPECT_EQ(one.destination, R"({"source":"email","to":"a@b"})");
    EXPECT_EQ(notices_.describe(one.destination), R"("notice":{"source":"email","to":"a@b"})");
}

TEST_F(NoticeSinkTest, AMadeSecretIsKeptAndShownOnce) {
    const std::string uri = R"(,"uri":"http://example.org/alarm")";
    const Notice first = read("webhook", uri);
    EXPECT_THAT(first.shown_once, HasSubstr("whsec_"));
    const Notice again = read("webhook", uri, [&](const std::string& stream) -> std::optional<std::string> {
        EXPECT_EQ(stream, first.stream);
        return first.destination;
    });
    EXPECT_EQ(again.destination, first.destination);
    EXPECT_EQ(again.shown_once, "");
    EXPECT_EQ(notices_.describe(first.destination).find("whsec_"), std::string::npos);
    const auto rotated = notices_.rotate_secret(first.destination, Timestamp{}).value();
    EXPECT_NE(rotated.json, first.destination);
    EXPECT_THAT(rotated.json, StartsWith(R"({"source":"webhook",)"));
}

TEST_F(NoticeSinkTest, WhatItReplacesKeepsItsSecrets) {
    const std::string given =
        R"(,"uri":"http://example.org/a","secret":"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")"
        R"(,"headers":{"X-Team":"billing"})";
    const std::string before = read("webhook", given).destination;
    const auto again = [&](const std::string& source, const std::string& members) {
        return notices_.read(R"({"source":")" + source + "\"" + members + "}", source, nothing, before)
            .value();
    };
    const std::string shown = R"(,"uri":"http://example.org/a","headers":{"X-Team":"***"})";
    EXPECT_EQ(again("webhook", shown).destination, before) << "as it is shown, nothing changes";
    const Notice moved = again("webhook", R"(,"uri":"http://example.org/b","headers":{"X-Team":"***"})");
    EXPECT_THAT(moved.destination, HasSubstr("whsec_MDEy"));
    EXPECT_THAT(moved.destination, HasSubstr("billing"));
    EXPECT_EQ(moved.shown_once, "");
    EXPECT_NE(moved.stream, read("webhook", R"(,"uri":"http://example.org/b")").stream)
        << "it shares no secret";
    EXPECT_EQ(again("email", R"(,"to":"a@b")").destination, R"({"source":"email","to":"a@b"})");
}

TEST_F(NoticeSinkTest, PointsAtMistakes) {
    EXPECT_EQ(notices_.read("{}", "pigeon", nothing).error().front().pointer, "/source");
    EXPECT_EQ(notices_.read(R"({"to":"x"})", "email", nothing).error().front().pointer, "/to");
    EXPECT_FALSE(notices_.parse(R"({"source":"monitor"})", std::nullopt));
    EXPECT_THAT(notices_.verify(R"({"source":"email","to":"a@b"})").error(), HasSubstr("--smtp-url"));
}

TEST_F(NoticeSinkTest, LetsThroughWhatNamesItsStream) {
    const auto event = [](const std::string& payload, const std::string& type = "monitor:dead") {
        return make_sink_event(1, payload, type);
    };
    const StreamId own{12};
    EXPECT_TRUE(is_for_notice_stream(*event(R"({"name":"x","notices":["1","12"]})"), own));
    EXPECT_TRUE(is_for_notice_stream(*event(R"({"notices" : ["12"]})", "monitor:ok"), own));
    EXPECT_FALSE(is_for_notice_stream(*event(R"({"notices":["1","120","212"]})"), own));
    EXPECT_FALSE(is_for_notice_stream(*event(R"({"notices":[],"x":["12"]})"), own));
    EXPECT_FALSE(is_for_notice_stream(*event(R"({"name":"\"notices\":[\"12\"]","notices":[]})"), own));
    EXPECT_TRUE(is_for_notice_stream(*event("{}", "headwater:test"), own)) << "a test event is for everybody";
}

TEST_F(NoticeSinkTest, SettlesAtOnceWhatIsNotForIt) {
    const auto sink = notices_.open(StreamId{12}, R"({"source":"refusing"})");
    ASSERT_NE(sink, nullptr);
    EXPECT_EQ(sink->window(), 7U);
    testing::Settlements settlements;
    EXPECT_EQ(settlements.try_one(*sink, make_sink_event(1, R"({"notices":["9"]})", "monitor:dead")).outcome,
              DeliveryResult::Outcome::delivered);
    EXPECT_EQ(settlements.try_one(*sink, make_sink_event(2, R"({"notices":["12"]})", "monitor:dead")).outcome,
              DeliveryResult::Outcome::failed);
    EXPECT_EQ(notices_.open(StreamId{1}, R"({"source":"pigeon"})"), nullptr);
}

}  // namespace
}  // namespace headwater
