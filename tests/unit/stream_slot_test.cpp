// Replays beside a stream's own flow, its states, and what is saved of all that.
#include "core/stream_slot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_stream_host.hpp"

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::FakeStreamHost;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Outcome = DeliveryResult::Outcome;
using Ids = std::vector<std::int64_t>;

constexpr ReplayId kReplay{3};

/// A stream at the head of a log of 100 events, all delivered.
class StreamSlotTest : public ::testing::Test {
  protected:
    void start(StreamOrder order = StreamOrder::loose, std::int64_t cursor = 100) {
        Stream stream;
        stream.id = StreamId{7};
        stream.owner_type = "a:b";
        stream.definition = {
            .name = "test", .source = "fake", .destination = "{}", .order = order, .types = {}, .start = {}};
        stream_ = stream;
        slot_ = std::make_unique<StreamSlot>(
            stream, ClaimedStream{stream.id, 5, at(cursor), StreamState::running, true}, host_,
            Position{tail_});
        advance();
    }
    void restart_from(const Replay& replay, std::int64_t cursor = 100) {
        host_.sent.clear();
        host_.reads.clear();
        host_.work_reads.clear();
        host_.dead_reads.clear();
        start(stream_.definition.order, cursor);
        answer_work({replay});
    }

    static Timestamp time_of(std::int64_t id) { return Timestamp(seconds(1'000'000 + id)); }
    static Cursor at(std::int64_t id) { return {Position{id}, time_of(id)}; }
    static EventPtr make(std::int64_t id) {
        auto event = std::make_shared<Event>();
        event->id = EventId{id};
        event->created_at = time_of(id);
        event->type = "a:b";
        event->subject = std::to_string(id % 2);
        event->json = "{}";
        return event;
    }
    static Replay replay(std::int64_t after, std::int64_t through, std::optional<int> rate = {}) {
        Replay made;
        made.id = kReplay;
        made.stream = StreamId{7};
        made.what = {
            .after = Position{after}, .through = Position{through}, .only_dead = false, .rate = rate};
        made.cursor = at(after);
        return made;
    }
    static FailingEvent dead(std::int64_t id) {
        return {.id = EventId{id},
                .at = time_of(id),
                .subject = std::nullopt,
                .state = FailingState::dead,
                .attempts = 10,
                .next_attempt = {},
                .last_error = "no",
                .died_at = time_of(200)};
    }

    StreamMoment moment() const {
        return {.now = now_, .steady = steady_, .tail = at(tail_), .is_tight = false};
    }
    void advance() { slot_->advance(moment()); }
    void pass(milliseconds time) {
        now_ += time;
        steady_ += time;
        advance();
    }
    void answer_work(std::vector<Replay> replays, std::vector<FailingEvent> failing = {}) {
        const auto read = host_.work_reads.at(0);
        host_.work_reads.clear();
        slot_->on_work(read.runner,
                       StreamWork{.skip = {}, .failing = std::move(failing), .replays = std::move(replays)},
                       moment());
        advance();
    }
    void want_work(std::vector<Replay> replays) {
        slot_->runner().want_work();
        advance();
        answer_work(std::move(replays));
    }
    /// Answers the replay's read with these events.
    void answer_page(std::int64_t first, std::int64_t last, bool is_last) {
        const auto read = host_.reads.at(0);
        host_.reads.erase(host_.reads.begin());
        LogPage page;
        for (std::int64_t id = first; id <= last; ++id) page.events.push_back(make(id));
        page.is_last = is_last;
        slot_->on_page(read.runner, std::move(page), moment());
        advance();
    }
    void settle(std::int64_t id, Outcome outcome = Outcome::delivered) {
        const auto sent = host_.take(id);
        DeliveryResult result;
        result.outcome = outcome;
        result.reason = outcome == Outcome::delivered ? "" : "no";
        slot_->on_settled(sent.runner, sent.lane, sent.event, result, moment());
        advance();
    }
    void deliver_all() {
        while (!host_.sent.empty()) settle(host_.sent.front().event.value);
    }
    StreamProgress save(bool is_saved = true) {
        StreamProgress progress = slot_->take_progress(moment());
        slot_->on_saved(is_saved);
        advance();
        return progress;
    }

    FakeStreamHost host_;
    Stream stream_;
    std::unique_ptr<StreamSlot> slot_;
    std::int64_t tail_ = 100;
    Timestamp now_ = time_of(300);
    std::chrono::steady_clock::time_point steady_{seconds(5000)};
};

TEST_F(StreamSlotTest, AReplaySendsItsRangeAgainUnderItsIdAndSaysSoWhenItIsDone) {
    start();
    answer_work({replay(10, 13)});
    ASSERT_THAT(host_.reads, SizeIs(1));
    EXPECT_EQ(host_.reads[0].what.after.position.value, 10);
    EXPECT_EQ(host_.reads[0].what.through->value, 13);
    answer_page(11, 13, true);
    EXPECT_THAT(host_.under_way(), ElementsAre(11, 12, 13));
    EXPECT_EQ(host_.sent[0].replay, kReplay);
    settle(11);
    settle(13);
    StreamProgress progress = save();
    ASSERT_THAT(progress.replays, SizeIs(1));
    EXPECT_EQ(progress.replays[0].cursor.position.value, 11);
    EXPECT_EQ(progress.replays[0].delivered, 2);
    EXPECT_FALSE(progress.replays[0].is_done);
    EXPECT_EQ(progress.cursor.position.value, 100);
    EXPECT_EQ(progress.epoch, 5);
    settle(12);
    progress = save();
    EXPECT_EQ(progress.replays.at(0).delivered, 3);
    EXPECT_TRUE(progress.replays.at(0).is_done);
    EXPECT_THAT(save().replays, IsEmpty());
}

TEST_F(StreamSlotTest, AReplayGoesOnFromItsSavedCursorAfterACrash) {
    start();
    answer_work({replay(10, 14)});
    answer_page(11, 14, true);
    settle(11);
    settle(12);
    const ReplayProgress saved = save().replays.at(0);
    Replay stored = replay(10, 14);
    stored.cursor = saved.cursor;
    stored.delivered = saved.delivered;
    restart_from(stored);
    EXPECT_EQ(host_.reads.at(0).what.after.position.value, 12);
    answer_page(13, 14, true);
    deliver_all();
    EXPECT_EQ(save().replays.at(0).delivered, 4);
}

TEST_F(StreamSlotTest, AReplayTakesAQuarterOfTheWindowAndLeavesTheRestToTheFlow) {
    host_.window = 8;
    start();
    answer_work({replay(0, 50)});
    answer_page(1, 50, true);
    EXPECT_THAT(host_.sent, SizeIs(2));
    tail_ = 120;
    for (std::int64_t id = 101; id <= 120; ++id) slot_->runner().offer(make(id), moment());
    advance();
    EXPECT_THAT(host_.sent, SizeIs(10));
}

TEST_F(StreamSlotTest, AReplayKeepsToItsRate) {
    start();
    answer_work({replay(0, 50, 10)});
    answer_page(1, 50, true);
    std::size_t sent = 0;
    for (int i = 0; i < 200; ++i) {
        sent += host_.sent.size();
        deliver_all();
        pass(milliseconds(10));
    }
    EXPECT_GE(sent, 19U);
    EXPECT_LE(sent, 21U);
}

TEST_F(StreamSlotTest, AReplayIsWokenForItsNextToken) {
    start();
    answer_work({replay(0, 5, 2)});
    answer_page(1, 5, true);
    settle(1);
    EXPECT_THAT(host_.sent, IsEmpty());
    const auto wake = slot_->next_wake(moment());
    ASSERT_TRUE(wake);
    EXPECT_LE(*wake - steady_, milliseconds(500));
    pass(std::chrono::ceil<milliseconds>(*wake - steady_));
    EXPECT_THAT(host_.under_way(), ElementsAre(2));
}

TEST_F(StreamSlotTest, WhatFailsInAReplayBecomesAFailingEventOfTheStream) {
    start(StreamOrder::strict);
    answer_work({replay(10, 12)});
    answer_page(11, 12, true);
    settle(11, Outcome::failed);
    settle(12, Outcome::rejected);
    const StreamProgress progress = save();
    ASSERT_THAT(progress.failing, SizeIs(2));
    EXPECT_EQ(progress.failing[0].state, FailingState::retrying);
    EXPECT_EQ(progress.failing[0].attempts, 1);
    EXPECT_EQ(progress.failing[0].replay, kReplay);
    EXPECT_EQ(progress.failing[1].state, FailingState::dead);
    EXPECT_EQ(progress.replays.at(0).failed, 2);
    EXPECT_TRUE(progress.replays.at(0).is_done);
    pass(seconds(6));
    ASSERT_THAT(host_.finds, SizeIs(1));
    slot_->runner().on_found(host_.finds[0].runner.generation, std::vector<EventPtr>{make(11)}, moment());
    advance();
    ASSERT_THAT(host_.under_way(), ElementsAre(11));
    EXPECT_EQ(host_.sent[0].attempt, 2);
    EXPECT_EQ(host_.sent[0].replay, kReplay);
    settle(11);
    EXPECT_THAT(save().settled, ElementsAre(EventId{11}));
}

TEST_F(StreamSlotTest, AnOutageDuringAReplayCostsNoRowsAndNoAttempts) {
    start();
    answer_work({replay(10, 11)});
    answer_page(11, 11, true);
    settle(11, Outcome::unavailable);
    EXPECT_THAT(save().failing, IsEmpty());
    pass(milliseconds(500));
    ASSERT_THAT(host_.under_way(), ElementsAre(11));
    EXPECT_EQ(host_.sent[0].attempt, 1);
    settle(11);
    EXPECT_TRUE(save().replays.at(0).is_done);
}

TEST_F(StreamSlotTest, ACancelledReplaySendsNothingMore) {
    host_.window = 4;
    start();
    answer_work({replay(0, 5)});
    answer_page(1, 5, true);
    want_work({});
    settle(1);
    EXPECT_THAT(host_.sent, IsEmpty());
    EXPECT_THAT(save().replays, IsEmpty());
}

TEST_F(StreamSlotTest, APausedStreamPausesItsReplays) {
    host_.window = 4;
    start();
    answer_work({replay(0, 5)});
    answer_page(1, 5, true);
    settle(1);
    stream_.is_paused = true;
    stream_.version = 2;
    slot_->change(stream_, moment());
    advance();
    settle(2);  // a late answer of the life before
    EXPECT_THAT(host_.sent, IsEmpty());
    EXPECT_EQ(slot_->next_wake(moment()), std::nullopt);
    EXPECT_EQ(save().replays.at(0).cursor.position.value, 1);
    stream_.is_paused = false;
    stream_.version = 3;
    slot_->change(stream_, moment());
    advance();
    answer_work({replay(0, 5)});
    ASSERT_THAT(host_.reads, SizeIs(1));
    EXPECT_EQ(host_.reads[0].what.after.position.value, 1);
}

TEST_F(StreamSlotTest, AReplayNeverGoesPastItsStream) {
    start(StreamOrder::loose, 98);
    answer_work({replay(95, 100)});
    ASSERT_THAT(host_.reads, SizeIs(2));  // the stream's own, and the replay's
    EXPECT_EQ(host_.reads[1].what.through->value, 98);
    std::swap(host_.reads[0], host_.reads[1]);
    answer_page(96, 98, true);
    deliver_all();
    EXPECT_FALSE(save().replays.at(0).is_done);
    answer_page(99, 100, true);
    deliver_all();
    answer_page(99, 99, true);  // as far as the stream had come
    EXPECT_EQ(host_.sent.at(0).replay, kReplay);
    answer_page(100, 100, true);
    deliver_all();
    EXPECT_TRUE(save().replays.at(0).is_done);
}

TEST_F(StreamSlotTest, ADestinationThatStopsAReplayPausesTheStream) {
    start();
    answer_work({replay(10, 11)});
    answer_page(11, 11, true);
    settle(11, Outcome::stop);
    EXPECT_THAT(host_.pauses, ElementsAre("no"));
    EXPECT_TRUE(slot_->runner().is_paused());
}

TEST_F(StreamSlotTest, AReplayOfDeadEventsRevivesThemOldestFirst) {
    Replay wanted = replay(10, 60);
    wanted.what.only_dead = true;
    start();
    answer_work({wanted});
    ASSERT_THAT(host_.dead_reads, SizeIs(1));
    EXPECT_EQ(host_.dead_reads[0].bound.value, 61);
    auto read = host_.dead_reads[0];
    host_.dead_reads.clear();
    slot_->on_dead(read.runner, DeadPage{{dead(50), dead(40)}, true}, moment());
    advance();
    ASSERT_THAT(host_.dead_reads, SizeIs(1));
    EXPECT_EQ(host_.dead_reads[0].bound.value, 40);
    read = host_.dead_reads[0];
    host_.dead_reads.clear();
    slot_->on_dead(read.runner, DeadPage{{dead(20), dead(5)}, false}, moment());
    advance();  // 5 lies before the range
    StreamProgress progress = save();
    ASSERT_THAT(progress.failing, SizeIs(1));
    EXPECT_EQ(progress.failing[0].id.value, 20);
    EXPECT_EQ(progress.failing[0].state, FailingState::retrying);
    EXPECT_EQ(progress.failing[0].attempts, 0);
    EXPECT_EQ(progress.failing[0].replay, kReplay);
    EXPECT_EQ(progress.replays.at(0).cursor.position.value, 20);
    ASSERT_THAT(host_.dead_reads, SizeIs(1));
    EXPECT_EQ(host_.dead_reads[0].bound.value, 61);
    slot_->on_dead(host_.dead_reads[0].runner, DeadPage{{dead(50), dead(40)}, true}, moment());
    advance();
    for (int i = 0; i < 3 && !host_.finds.empty(); ++i) {
        const auto find = host_.finds.front();
        host_.finds.erase(host_.finds.begin());
        std::vector<EventPtr> found;
        for (const Cursor& event : find.events) {
            if (event.position.value != 40) found.push_back(make(event.position.value));  // 40 has expired
        }
        slot_->runner().on_found(find.runner.generation, std::move(found), moment());
        advance();
    }
    EXPECT_THAT(host_.under_way(), ElementsAre(20, 50));
    settle(20);
    settle(50, Outcome::failed);
    progress = save();
    ASSERT_THAT(progress.replays, SizeIs(1));
    EXPECT_EQ(progress.replays[0].delivered, 1);
    EXPECT_EQ(progress.replays[0].failed, 1);
    EXPECT_EQ(progress.replays[0].skipped, 1);
    EXPECT_TRUE(progress.replays[0].is_done);
}

TEST_F(StreamSlotTest, SavesAChangeOfStateOnceAndAgainWhenTheSaveFailed) {
    start();
    answer_work({});
    StreamStatus status = slot_->runner().status(moment());
    EXPECT_FALSE(slot_->note_state(status, now_));
    tail_ = 101;
    slot_->runner().offer(make(101), moment());
    advance();
    settle(101, Outcome::unavailable);
    status = slot_->runner().status(moment());
    const auto change = slot_->note_state(status, now_);
    ASSERT_TRUE(change);
    EXPECT_EQ(change->from, StreamState::running);
    EXPECT_EQ(change->to, StreamState::blocked);
    EXPECT_EQ(change->reason, "no");
    EXPECT_EQ(status.since, now_);
    ASSERT_TRUE(save(false).standing);
    const auto standing = save().standing;
    ASSERT_TRUE(standing);
    EXPECT_EQ(standing->state, StreamState::blocked);
    EXPECT_EQ(standing->last_error, "no");
    EXPECT_FALSE(save().standing);
}

TEST_F(StreamSlotTest, KeepsTheStoredStateUntilItsDestinationHasAnswered) {
    start();
    slot_ = std::make_unique<StreamSlot>(
        stream_, ClaimedStream{stream_.id, 6, at(99), StreamState::blocked, false}, host_, Position{tail_});
    advance();
    StreamStatus status = slot_->runner().status(moment());
    EXPECT_FALSE(slot_->note_state(status, now_));
    EXPECT_EQ(status.state, StreamState::blocked);
    answer_page(100, 100, true);
    settle(100);
    status = slot_->runner().status(moment());
    const auto change = slot_->note_state(status, now_);
    ASSERT_TRUE(change);
    EXPECT_EQ(change->to, StreamState::running);
}

}  // namespace
}  // namespace headwater
