#include "core/state_announcer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum StreamState;

class StateAnnouncerTest : public ::testing::Test {
  protected:
    static Stream stream(std::string owner, std::string filters = "") {
        Stream made;
        made.id = StreamId{9};
        made.owner_type = std::move(owner);
        made.definition.name = "na\"me";
        made.definition.types = TypeFilter::parse(filters).value();
        return made;
    }
    void note(StreamState from, StreamState to, const Stream& of) {
        announcer_.note(of, {from, to, "why"});
        announcer_.tick(now_);
    }
    void note(StreamState from, StreamState to) { note(from, to, stream("a:b")); }
    void pass(milliseconds time) {
        now_ += time;
        announcer_.tick(now_);
    }
    void answer(bool is_accepted) {
        announcer_.on_announced(StreamId{9}, is_accepted);
        announcer_.tick(now_);
    }

    std::vector<std::string> said_;
    StateAnnouncer announcer_{[this](std::string payload, auto) { said_.push_back(std::move(payload)); },
                              "here", [](StreamId, bool) {}};
    StateAnnouncer::TimePoint now_{seconds(1000)};
};

TEST_F(StateAnnouncerTest, TellsAChangeWithEverythingThatThePayloadPromises) {
    note(running, blocked);
    ASSERT_THAT(said_, SizeIs(1));
    EXPECT_EQ(said_[0],
              R"({"stream":{"id":"9","name":"na\"me","type":"a:b"},"from":"running","to":"blocked",)"
              R"("reason":"why","node":"here"})");
}

TEST_F(StateAnnouncerTest, TellsAtMostOneASecondAndThenTheNewest) {
    note(running, blocked);
    answer(true);
    note(blocked, retrying);
    note(retrying, paused);
    EXPECT_THAT(said_, SizeIs(1));
    EXPECT_EQ(announcer_.next_tick(), now_ + seconds(1));
    pass(seconds(1));
    ASSERT_THAT(said_, SizeIs(2));
    EXPECT_THAT(said_[1], HasSubstr(R"("from":"blocked","to":"paused")"));
    answer(true);
    pass(seconds(1));
    EXPECT_THAT(said_, SizeIs(2));
    EXPECT_EQ(announcer_.next_tick(), std::nullopt);
}

TEST_F(StateAnnouncerTest, SaysNothingOfWhatHasGoneBackMeanwhile) {
    note(running, blocked);
    answer(true);
    note(blocked, running);
    note(running, blocked);
    pass(seconds(2));
    EXPECT_THAT(said_, SizeIs(1));
}

TEST_F(StateAnnouncerTest, KeepsAChangeUntilItWasAccepted) {
    note(running, blocked);
    answer(false);
    pass(seconds(1));
    ASSERT_THAT(said_, SizeIs(2));
    EXPECT_EQ(said_[0], said_[1]);
    note(blocked, retrying);
    answer(false);
    pass(seconds(1));
    ASSERT_THAT(said_, SizeIs(3));
    EXPECT_THAT(said_[2], HasSubstr(R"("from":"running","to":"retrying")"));
}

TEST_F(StateAnnouncerTest, StreamsOfItsOwnEventsRaiseNone) {
    note(running, blocked, stream("headwater:stream-state"));
    note(running, blocked, stream("", "a:*,headwater:**"));
    EXPECT_THAT(said_, IsEmpty());
    note(running, blocked, stream("", "a:*"));
    EXPECT_THAT(said_, SizeIs(1));
}

}  // namespace
}  // namespace headwater
