#include "core/stream_runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "tests/support/fake_stream_host.hpp"

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::FakeStreamHost;
using ::testing::IsEmpty;
using Outcome = DeliveryResult::Outcome;
using Ids = std::vector<std::int64_t>;

/// One runner, a log that the test writes by hand, and a clock that stands still until it is told otherwise.
class StreamRunnerTest : public ::testing::Test {
  protected:
    void start(StreamOrder order, std::int64_t cursor = 0, std::int64_t tail = 0) {
        tail_ = tail;
        Stream stream;
        stream.id = StreamId{7};
        stream.owner_type = "a:b";
        stream.definition = {
            .name = "test", .source = "fake", .destination = "{}", .order = order, .types = {}, .start = {}};
        stream.cursor = at(cursor);
        stream_ = stream;
        runner_ = std::make_unique<StreamRunner>(stream, host_, Position{tail}, rows_);
        advance();
    }

    static Timestamp time_of(std::int64_t id) { return Timestamp(seconds(1'000'000 + id)); }
    static Cursor at(std::int64_t id) { return {Position{id}, time_of(id)}; }

    EventPtr make(std::int64_t id, std::optional<std::string> subject = std::nullopt) {
        auto event = std::make_shared<Event>();
        event->id = EventId{id};
        event->created_at = time_of(id);
        event->type = "a:b";
        event->subject = std::move(subject);
        event->json = "{\"id\":\"" + std::to_string(id) + "\"}";
        return event;
    }

    StreamMoment moment() const {
        return {.now = now_, .steady = steady_, .tail = at(tail_), .is_tight = is_tight_};
    }
    void advance() { runner_->advance(moment()); }

    void append(const std::vector<EventPtr>& events) {
        for (const EventPtr& event : events) tail_ = std::max(tail_, event->id.value);
        for (const EventPtr& event : events) runner_->offer(event, moment());
        advance();
    }
    void append(std::int64_t first, std::int64_t last) {
        std::vector<EventPtr> events;
        for (std::int64_t id = first; id <= last; ++id) events.push_back(make(id));
        append(events);
    }
    void settle(std::int64_t id, Outcome outcome, std::string reason = "",
                std::optional<seconds> retry_after = {}) {
        const auto sent = host_.take(id);
        DeliveryResult result;
        result.outcome = outcome;
        result.reason = std::move(reason);
        result.retry_after = retry_after;
        runner_->on_settled(sent.runner.generation, sent.lane, sent.event, result, moment());
        advance();
    }
    void deliver(std::int64_t id) { settle(id, Outcome::delivered); }
    void deliver(const Ids& ids) {
        for (const std::int64_t id : ids) deliver(id);
    }
    void pass(milliseconds time) {
        now_ += time;
        steady_ += time;
        advance();
    }
    void answer_read(std::int64_t first, std::int64_t last, bool is_last) {
        const auto read = host_.reads.front();
        host_.reads.erase(host_.reads.begin());
        LogPage page;
        for (std::int64_t id = first; id <= last; ++id) page.events.push_back(make(id));
        page.is_last = is_last;
        runner_->on_page(read.runner.generation, std::move(page));
        advance();
    }
    StreamProgress save(bool is_saved = true) {
        StreamProgress progress = runner_->take_progress(moment());
        runner_->on_saved(is_saved);
        advance();
        return progress;
    }
    void answer_work(std::vector<FailingEvent> failing, std::optional<EventId> skip = {}) {
        const auto read = host_.work_reads.at(0);
        host_.work_reads.clear();
        runner_->on_work(read.runner.generation,
                         StreamWork{.skip = skip, .failing = std::move(failing), .replays = {}}, moment());
        advance();
    }
    void answer_find(std::optional<std::string> subject = {}) {
        const auto find = host_.finds.at(0);
        host_.finds.clear();
        std::vector<EventPtr> found;
        for (const Cursor& event : find.events) found.push_back(make(event.position.value, subject));
        runner_->on_found(find.runner.generation, std::move(found), moment());
        advance();
    }
    /// As an operator has revived it.
    FailingEvent row_of(std::int64_t id) const {
        return {.id = EventId{id},
                .at = time_of(id),
                .subject = std::nullopt,
                .attempts = 0,
                .next_attempt = now_,
                .last_error = "no",
                .died_at = std::nullopt};
    }
    std::int64_t cursor() const { return runner_->cursor(at(tail_)).position.value; }
    StreamStatus status() const { return runner_->status(moment()); }
    static Ids range(std::int64_t first, std::int64_t last) {
        Ids ids(static_cast<std::size_t>(last - first + 1));
        std::iota(ids.begin(), ids.end(), first);
        return ids;
    }

    FakeStreamHost host_;
    Stream stream_;
    std::unique_ptr<StreamRunner> runner_;
    std::int64_t tail_ = 0;
    Timestamp now_ = time_of(0);
    std::chrono::steady_clock::time_point steady_ = std::chrono::steady_clock::time_point(seconds(5000));
    bool is_tight_ = false;
    FailingLane::Rows rows_ = FailingLane::Rows::none;
};

TEST_F(StreamRunnerTest, SendsWhatIsAppendedAndMovesItsCursorWhenItIsConfirmed) {
    start(StreamOrder::loose);
    append(1, 3);
    EXPECT_THAT(host_.under_way(), ElementsAre(1, 2, 3));
    EXPECT_THAT(host_.reads, IsEmpty());
    EXPECT_EQ(cursor(), 0);
    deliver(2);
    EXPECT_EQ(cursor(), 0);
    deliver(1);
    EXPECT_EQ(cursor(), 2);
    deliver(3);
    EXPECT_EQ(cursor(), 3);
    EXPECT_TRUE(runner_->is_idle());
}

TEST_F(StreamRunnerTest, MovesItsCursorWithTheLogWhileItIsIdle) {
    start(StreamOrder::loose);
    tail_ = 500;
    EXPECT_EQ(cursor(), 500);
    EXPECT_EQ(runner_->next_wake(moment()), std::nullopt);
    EXPECT_EQ(host_.opened, 0);
}

TEST_F(StreamRunnerTest, KeepsToTheSinksWindow) {
    host_.window = 2;
    start(StreamOrder::loose);
    append(1, 5);
    EXPECT_THAT(host_.under_way(), ElementsAre(1, 2));
    deliver(1);
    EXPECT_THAT(host_.under_way(), ElementsAre(2, 3));
}

TEST_F(StreamRunnerTest, ReadsTheLogInPagesWhenItIsBehindAndThenGoesOnAtTheHead) {
    start(StreamOrder::loose, 0, 10);
    ASSERT_EQ(host_.reads.size(), 1U);
    EXPECT_EQ(host_.reads[0].what.after.position.value, 0);
    EXPECT_EQ(host_.reads[0].what.through->value, 10);
    append(11, 12);  // while the page is on its way
    answer_read(1, 4, false);
    EXPECT_THAT(host_.under_way(), ElementsAre(1, 2, 3, 4));
    ASSERT_EQ(host_.reads.size(), 1U);
    EXPECT_EQ(host_.reads[0].what.after.position.value, 4);
    EXPECT_EQ(host_.reads[0].what.through->value, 12);
    append(13, 13);
    answer_read(5, 12, true);
    EXPECT_THAT(host_.under_way(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
    EXPECT_THAT(host_.reads, IsEmpty());
    EXPECT_TRUE(status().is_at_head);
    append(14, 14);
    EXPECT_EQ(host_.under_way().back(), 14);
}

TEST_F(StreamRunnerTest, IsAtTheHeadAfterAnEmptyPage) {
    start(StreamOrder::loose, 3, 10);
    answer_read(1, 0, true);
    EXPECT_EQ(cursor(), 10);
    append(11, 11);
    EXPECT_THAT(host_.under_way(), ElementsAre(11));
}

TEST_F(StreamRunnerTest, ReadsAgainAfterAPauseWhenTheLogCannotBeRead) {
    start(StreamOrder::loose, 0, 10);
    runner_->on_read_failed(host_.reads[0].runner.generation, moment());
    host_.reads.clear();
    advance();
    EXPECT_THAT(host_.reads, IsEmpty());
    ASSERT_TRUE(runner_->next_wake(moment()).has_value());
    pass(milliseconds(500));
    EXPECT_EQ(host_.reads.size(), 1U);
}

TEST_F(StreamRunnerTest, LetsEventsGoThatItCannotHoldAndReadsThemLater) {
    host_.window = 1;
    start(StreamOrder::loose);
    append(1, 5000);
    EXPECT_FALSE(status().is_at_head);
    EXPECT_LE(status().waiting, StreamBacklog::kMaxEvents);
    std::int64_t next = 1;
    std::int64_t served = 0;
    while (cursor() < 5000) {
        if (!host_.reads.empty()) {
            served = host_.reads[0].what.after.position.value;
            const std::int64_t last = std::min<std::int64_t>(served + 1000, 5000);
            answer_read(served + 1, last, last == 5000);
        }
        ASSERT_EQ(host_.under_way(), Ids{next});  // each once, in order
        deliver(next++);
    }
    EXPECT_EQ(next, 5001);
    EXPECT_TRUE(status().is_at_head);
}

TEST_F(StreamRunnerTest, TakesOneEventAtATimeWhenMemoryIsShort) {
    host_.window = 1;
    is_tight_ = true;
    start(StreamOrder::loose);
    append(1, 10);
    EXPECT_LE(status().waiting + status().in_flight, 2U);
    EXPECT_THAT(host_.reads, IsEmpty());
    deliver(1);
    EXPECT_EQ(host_.reads.size(), 1U);
    answer_read(2, 10, true);
    EXPECT_THAT(host_.under_way(), ElementsAre(2));
}

TEST_F(StreamRunnerTest, ReadsWhatWasLetGoBeforeItWasOffered) {
    start(StreamOrder::loose);
    append(1, 2);
    runner_->fall_behind(at(2));
    tail_ = 9;
    advance();
    ASSERT_EQ(host_.reads.size(), 1U);
    EXPECT_EQ(host_.reads[0].what.after.position.value, 2);
    answer_read(3, 9, true);
    EXPECT_THAT(host_.under_way(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(StreamRunnerTest, LooseSetsAFailingEventAsideAndGoesOn) {
    start(StreamOrder::loose);
    append(1, 3);
    settle(2, Outcome::failed, "HTTP 500");
    deliver({1, 3});
    append(4, 4);
    deliver(4);
    EXPECT_EQ(cursor(), 1);
    EXPECT_EQ(status().state, StreamState::retrying);
    EXPECT_EQ(status().last_error, "");  // the latest attempt succeeded
    EXPECT_EQ(status().set_aside, 1U);
    ASSERT_TRUE(status().next_attempt.has_value());
    pass(milliseconds(3999));
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(milliseconds(2001));
    ASSERT_THAT(host_.under_way(), ElementsAre(2));
    EXPECT_EQ(host_.sent[0].attempt, 2);
    deliver(2);
    EXPECT_EQ(cursor(), 4);
    EXPECT_EQ(status().state, StreamState::running);
}

TEST_F(StreamRunnerTest, HonoursRetryAfterAndTheStreamsOwnSchedule) {
    host_.retries = {seconds(5), seconds(100)};
    start(StreamOrder::loose);
    append(1, 1);
    settle(1, Outcome::failed, "HTTP 503", seconds(2));
    pass(milliseconds(1999));
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(milliseconds(1));
    settle(1, Outcome::failed, "HTTP 500");
    pass(seconds(79));
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(seconds(41));
    EXPECT_THAT(host_.under_way(), ElementsAre(1));
}

TEST_F(StreamRunnerTest, AStrictStreamNeverGivesAnEventUp) {
    host_.retries = {seconds(1), seconds(10)};
    start(StreamOrder::strict);
    append(1, 1);
    for (int attempt = 1; attempt <= 50; ++attempt) {
        ASSERT_THAT(host_.under_way(), ElementsAre(1));
        settle(1, attempt % 2 == 0 ? Outcome::failed : Outcome::rejected, "no");
        pass(seconds(60));
    }
    EXPECT_EQ(cursor(), 0);
}

TEST_F(StreamRunnerTest, WaitsWithAThousandEventsSetAside) {
    host_.window = 10;
    start(StreamOrder::loose);
    append(1, 2005);
    // As many successes as failures keep the circuit closed.
    while (!host_.sent.empty()) {
        const std::int64_t id = host_.under_way().front();
        settle(id, id % 2 == 0 ? Outcome::delivered : Outcome::failed, "no");
    }
    EXPECT_EQ(status().set_aside, DeliveryWindow::kMaxSetAside);
    EXPECT_EQ(status().state, StreamState::blocked);
    EXPECT_EQ(cursor(), 0);
    pass(seconds(7));
    EXPECT_EQ(host_.sent.size(), 10U);
}

TEST_F(StreamRunnerTest, LetsADestinationRestThatKeepsFailingAndProbesItWithOneEvent) {
    start(StreamOrder::loose);
    host_.window = 4;
    append(1, 100);
    for (int i = 0; i < 10; ++i) settle(host_.under_way().front(), Outcome::failed, "HTTP 500");
    EXPECT_EQ(status().state, StreamState::blocked);
    while (!host_.sent.empty()) settle(host_.under_way().front(), Outcome::failed, "HTTP 500");
    pass(seconds(29));
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(seconds(1));
    EXPECT_EQ(host_.sent.size(), 1U);  // the probe
    const std::int64_t probe = host_.under_way().front();
    settle(probe, Outcome::failed, "HTTP 500");
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(seconds(30));
    ASSERT_EQ(host_.sent.size(), 1U);
    deliver(host_.under_way().front());
    EXPECT_EQ(host_.sent.size(), 2U);  // ramps up
    deliver(host_.under_way().front());
    deliver(host_.under_way().front());
    EXPECT_EQ(host_.sent.size(), 4U);
    while (!host_.sent.empty()) deliver(host_.under_way().front());
    EXPECT_EQ(cursor(), 100);  // those set aside came forward with the recovery
}

TEST_F(StreamRunnerTest, ProbesWithAnEventThatWaitsWhenThereIsNoOther) {
    host_.retries = {seconds(1000)};
    start(StreamOrder::loose);
    append(1, 10);
    for (const std::int64_t id : range(1, 10)) settle(id, Outcome::failed, "HTTP 500");
    ASSERT_EQ(status().state, StreamState::blocked);
    pass(seconds(30));
    ASSERT_EQ(host_.sent.size(), 1U);
    const std::int64_t probe = host_.under_way().front();
    settle(probe, Outcome::failed, "HTTP 500");  // not counted: it would be dead
    EXPECT_EQ(host_.counts["dead"], 0);
    pass(seconds(30));
    ASSERT_EQ(host_.sent.size(), 1U);
    while (!host_.sent.empty()) deliver(host_.under_way().front());
    EXPECT_EQ(cursor(), 10);
}

TEST_F(StreamRunnerTest, DoesNotProbeWithAnEventForWhichTheDestinationAskedToWait) {
    start(StreamOrder::loose);
    append(1, 10);
    for (const std::int64_t id : range(1, 10)) settle(id, Outcome::failed, "HTTP 503", seconds(3600));
    pass(seconds(3599));
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(seconds(1));
    EXPECT_EQ(host_.sent.size(), 1U);
}

TEST_F(StreamRunnerTest, CountsNoAttemptWhileTheDestinationIsAway) {
    start(StreamOrder::loose);
    append(1, 3);
    for (const std::int64_t id : range(1, 3)) settle(id, Outcome::unavailable, "away");
    EXPECT_EQ(status().state, StreamState::blocked);
    EXPECT_EQ(status().last_error, "away");
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(milliseconds(500));
    ASSERT_THAT(host_.under_way(), ElementsAre(1));
    EXPECT_EQ(host_.sent[0].attempt, 1);
    settle(1, Outcome::unavailable, "away");
    pass(milliseconds(999));
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(milliseconds(1));
    deliver(1);
    EXPECT_THAT(host_.under_way(), ElementsAre(2, 3));
    EXPECT_EQ(status().state, StreamState::running);
    deliver({2, 3});
    EXPECT_EQ(cursor(), 3);
}

TEST_F(StreamRunnerTest, ProbesAtLeastEveryFifteenSeconds) {
    start(StreamOrder::strict);
    append(1, 1);
    for (int i = 0; i < 20; ++i) {
        ASSERT_THAT(host_.under_way(), ElementsAre(1));
        settle(1, Outcome::unavailable, "away");
        pass(seconds(15));
    }
}

TEST_F(StreamRunnerTest, StrictGoesBackToTheFailedEventAndRepeatsInOrder) {
    start(StreamOrder::strict);
    append(1, 5);
    deliver(1);
    settle(3, Outcome::failed, "returned");
    EXPECT_EQ(cursor(), 1);
    deliver({2, 4, 5});
    EXPECT_EQ(cursor(), 2);
    append(6, 6);
    EXPECT_THAT(host_.sent, IsEmpty());
    EXPECT_EQ(status().state, StreamState::retrying);
    pass(seconds(6));
    ASSERT_THAT(host_.under_way(), ElementsAre(3));  // alone first
    EXPECT_EQ(host_.sent[0].attempt, 2);
    deliver(3);
    EXPECT_THAT(host_.under_way(), ElementsAre(4, 5));
    deliver(4);
    EXPECT_THAT(host_.under_way(), ElementsAre(5, 6));
    deliver({5, 6});
    EXPECT_EQ(cursor(), 6);
    EXPECT_EQ(status().state, StreamState::running);
}

TEST_F(StreamRunnerTest, StrictWaitsForWhatIsInFlightBeforeItGoesBack) {
    start(StreamOrder::strict);
    append(1, 3);
    settle(1, Outcome::failed, "nack");
    pass(seconds(10));
    EXPECT_THAT(host_.under_way(), ElementsAre(2, 3));
    settle(3, Outcome::failed, "nack");
    settle(2, Outcome::unavailable, "away");
    pass(seconds(1));
    EXPECT_THAT(host_.under_way(), ElementsAre(1));
    deliver(1);
    EXPECT_THAT(host_.under_way(), ElementsAre(2, 3));
}

TEST_F(StreamRunnerTest, StrictRepeatsAtMostAWindow) {
    host_.window = 3;
    start(StreamOrder::strict);
    append(1, 10);
    deliver({2, 3});
    EXPECT_THAT(host_.under_way(), ElementsAre(1));
    EXPECT_EQ(cursor(), 0);
    deliver(1);
    EXPECT_EQ(cursor(), 3);
    EXPECT_THAT(host_.under_way(), ElementsAre(4, 5, 6));
}

TEST_F(StreamRunnerTest, SubjectHoldsTheLaterEventsOfAFailingSubjectOnly) {
    start(StreamOrder::subject);
    append({make(1, "x"), make(2, "x"), make(3, "y"), make(4), make(5, "x")});
    EXPECT_THAT(host_.under_way(), ElementsAre(1, 3, 4));
    settle(1, Outcome::failed, "no");
    deliver({3, 4});
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(seconds(6));
    EXPECT_THAT(host_.under_way(), ElementsAre(1));
    deliver(1);
    EXPECT_THAT(host_.under_way(), ElementsAre(2));
    deliver(2);
    deliver(5);
    EXPECT_EQ(cursor(), 5);
}

TEST_F(StreamRunnerTest, SkipsAndCountsExpiredEvents) {
    start(StreamOrder::strict);
    auto expired = std::make_shared<Event>(*make(1));
    expired->expires_at = now_ - seconds(1);
    auto soon = std::make_shared<Event>(*make(2));
    soon->expires_at = now_ + seconds(3);
    append({expired, soon, make(3)});
    EXPECT_THAT(host_.under_way(), ElementsAre(2, 3));
    settle(2, Outcome::failed, "no");
    deliver(3);
    pass(seconds(10));  // it has expired while it waited
    EXPECT_THAT(host_.under_way(), ElementsAre(3));
    deliver(3);
    EXPECT_EQ(cursor(), 3);
    EXPECT_EQ(host_.counts["expired"], 2);
}

TEST_F(StreamRunnerTest, CountsWhatExpiredWithTheCursorThatPassesIt) {
    start(StreamOrder::loose);
    std::vector<EventPtr> events;
    for (std::int64_t id = 1; id <= 6; ++id) {
        auto event = std::make_shared<Event>(*make(id));
        event->created_at = now_ - seconds(id < 4 ? 16 : 1);
        event->expires_at = event->created_at + seconds(id == 2 ? 60 : 1);
        events.push_back(event);
    }
    append(events);
    EXPECT_THAT(host_.under_way(), ElementsAre(2));
    const StreamProgress before = save(false);
    EXPECT_EQ(before.cursor.position, Position{1});
    ASSERT_EQ(before.expired.size(), 1U);
    EXPECT_EQ(before.expired[0].count, 1);
    deliver(2);
    const StreamProgress after = save();
    EXPECT_EQ(after.cursor.position, Position{6});
    ASSERT_EQ(after.expired.size(), 3U) << "what was not saved, and one of each partition";
    EXPECT_EQ(after.expired[0].last, EventId{1});
    EXPECT_EQ(after.expired[1].last, EventId{3});
    EXPECT_EQ(after.expired[1].count, 1);
    EXPECT_EQ(after.expired[2].last, EventId{6});
    EXPECT_EQ(after.expired[2].count, 3);
    EXPECT_EQ(after.expired[2].partition - after.expired[1].partition, seconds(15));
    EXPECT_THAT(save().expired, IsEmpty());
}

TEST_F(StreamRunnerTest, CountsWhatItReadsTwiceOnce) {
    start(StreamOrder::loose);
    auto expired = std::make_shared<Event>(*make(2));
    expired->created_at = now_ - seconds(5);
    expired->expires_at = now_ - seconds(1);
    append({make(1), expired});
    runner_->pause("", moment());
    EXPECT_EQ(cursor(), 0);
    EXPECT_THAT(save().expired, IsEmpty());
    runner_->resume(moment());
    advance();
    const auto read = host_.reads.at(0);
    runner_->on_page(read.runner.generation, LogPage{{make(1), expired}, true});
    advance();
    deliver(1);  // a late answer of the life before
    EXPECT_THAT(save().expired, IsEmpty());
    deliver(1);
    const StreamProgress progress = save();
    EXPECT_EQ(progress.cursor.position, Position{2});
    ASSERT_EQ(progress.expired.size(), 1U);
    EXPECT_EQ(progress.expired[0].count, 1);
}

TEST_F(StreamRunnerTest, SendsEphemeralEventsAtMostOnceAfterAStart) {
    start(StreamOrder::loose, 0, 2);
    auto old_one = std::make_shared<Event>(*make(1));
    old_one->is_ephemeral = true;
    LogPage page;
    page.events = {old_one, make(2)};
    runner_->on_page(host_.reads[0].runner.generation, std::move(page));
    host_.reads.clear();
    advance();
    EXPECT_THAT(host_.under_way(), ElementsAre(2));
    auto new_one = std::make_shared<Event>(*make(3));
    new_one->is_ephemeral = true;
    append({new_one});
    EXPECT_THAT(host_.under_way(), ElementsAre(2, 3));
}

TEST_F(StreamRunnerTest, PausesWhenTheDestinationWantsNoMoreAndGoesOnFromItsCursor) {
    start(StreamOrder::loose);
    append(1, 3);
    deliver(1);
    settle(2, Outcome::stop, "HTTP 410");
    EXPECT_THAT(host_.pauses, ElementsAre("HTTP 410"));
    EXPECT_EQ(status().state, StreamState::paused);
    EXPECT_EQ(status().last_error, "HTTP 410");
    EXPECT_EQ(cursor(), 1);
    EXPECT_EQ(host_.closed, 1);
    deliver(3);  // a late answer of the life before
    EXPECT_EQ(cursor(), 1);
    append(4, 4);
    EXPECT_THAT(host_.sent, IsEmpty());
    runner_->resume(moment());
    advance();
    answer_read(2, 4, true);
    EXPECT_THAT(host_.under_way(), ElementsAre(2, 3, 4));
}

TEST_F(StreamRunnerTest, AChangedDestinationKeepsTheCursor) {
    start(StreamOrder::loose);
    append(1, 3);
    deliver({1, 3});
    stream_.definition.destination = R"({"new":true})";
    stream_.version = 2;
    runner_->change(stream_, moment());
    advance();
    EXPECT_EQ(host_.closed, 1);
    EXPECT_EQ(cursor(), 1);
    ASSERT_EQ(host_.reads.size(), 1U);
    answer_read(2, 3, true);
    EXPECT_EQ(host_.opened, 2);
    deliver(2);  // of the life before
    EXPECT_EQ(cursor(), 1);
}

TEST_F(StreamRunnerTest, AnUnchangedDestinationIsNotReopened) {
    start(StreamOrder::loose);
    append(1, 1);
    stream_.version = 2;
    runner_->change(stream_, moment());
    deliver(1);
    EXPECT_EQ(host_.closed, 0);
    EXPECT_EQ(cursor(), 1);
}

TEST_F(StreamRunnerTest, SaysWhenItsKindOfSinkIsUnknown) {
    host_.knows_sink = false;
    start(StreamOrder::loose);
    append(1, 1);
    EXPECT_EQ(status().state, StreamState::blocked);
    EXPECT_EQ(status().last_error, "There is no sink named \"fake\" here.");
    EXPECT_TRUE(runner_->next_wake(moment()).has_value());
}

TEST_F(StreamRunnerTest, SendsNothingNewWhileItDrains) {
    host_.window = 1;
    start(StreamOrder::loose);
    append(1, 2);
    runner_->drain();
    deliver(1);
    EXPECT_THAT(host_.sent, IsEmpty());
    EXPECT_EQ(cursor(), 1);
}

TEST_F(StreamRunnerTest, SendsAStrictStreamOneByOneToADestinationThatKeepsNoOrder) {
    host_.keeps_order = false;
    start(StreamOrder::strict);
    append(1, 3);
    EXPECT_THAT(host_.under_way(), ElementsAre(1));
    deliver(1);
    EXPECT_THAT(host_.under_way(), ElementsAre(2));
}

TEST_F(StreamRunnerTest, SendsNothingWithoutALease) {
    start(StreamOrder::loose);
    host_.has_lease = false;
    append(1, 3);
    EXPECT_THAT(host_.sent, IsEmpty());
    host_.has_lease = true;
    advance();
    EXPECT_THAT(host_.under_way(), ElementsAre(1, 2, 3));
}

TEST_F(StreamRunnerTest, AFailingEventGetsARowTogetherWithTheCursorThatPassesIt) {
    start(StreamOrder::loose);
    append(1, 3);
    deliver({1, 3});
    settle(2, Outcome::failed, "HTTP 500");
    EXPECT_EQ(cursor(), 1);
    const StreamProgress progress = save();
    EXPECT_EQ(progress.cursor.position.value, 3);
    ASSERT_EQ(progress.failing.size(), 1U);
    const FailingEvent& row = progress.failing[0];
    EXPECT_EQ(row.id.value, 2);
    EXPECT_EQ(row.at, time_of(2));
    EXPECT_EQ(row.state, FailingState::retrying);
    EXPECT_EQ(row.attempts, 1);
    EXPECT_EQ(row.last_error, "HTTP 500");
    EXPECT_GE(row.next_attempt, now_ + seconds(4));
    EXPECT_LE(row.next_attempt, now_ + seconds(6));
    EXPECT_EQ(status().state, StreamState::retrying);
    EXPECT_TRUE(save().failing.empty());
}

TEST_F(StreamRunnerTest, ARowThatWasNotSavedComesWithTheNextSave) {
    start(StreamOrder::loose);
    append(1, 1);
    settle(1, Outcome::failed, "no");
    EXPECT_EQ(save(false).failing.size(), 1U);
    const StreamProgress again = save();
    EXPECT_EQ(again.failing.size(), 1U);
    EXPECT_EQ(again.cursor.position.value, 1);
}

TEST_F(StreamRunnerTest, LoadsAFailingEventAgainWhenItIsDueAndSettlesItsRow) {
    start(StreamOrder::loose);
    append(1, 1);
    settle(1, Outcome::failed, "no");
    save();
    EXPECT_EQ(runner_->bytes(), 0U);
    pass(seconds(6));
    ASSERT_EQ(host_.finds.size(), 1U);
    EXPECT_EQ(host_.finds[0].events, std::vector<Cursor>{at(1)});
    answer_find();
    ASSERT_THAT(host_.under_way(), ElementsAre(1));
    EXPECT_EQ(host_.sent[0].attempt, 2);
    settle(1, Outcome::failed, "still no");
    const StreamProgress progress = save();
    EXPECT_EQ(progress.failing.at(0).attempts, 2);
    EXPECT_EQ(progress.failing.at(0).last_error, "still no");
    pass(std::chrono::minutes(7));
    answer_find();
    deliver(1);
    EXPECT_THAT(save().settled, ElementsAre(EventId{1}));
    EXPECT_TRUE(runner_->is_idle());
}

TEST_F(StreamRunnerTest, AFailingEventThatHasExpiredLosesItsRow) {
    start(StreamOrder::loose);
    append(1, 1);
    settle(1, Outcome::failed, "no");
    save();
    pass(seconds(6));
    runner_->on_found(host_.finds.at(0).runner.generation, std::vector<EventPtr>{}, moment());
    EXPECT_EQ(host_.counts["expired"], 1);
    EXPECT_THAT(save().settled, ElementsAre(EventId{1}));
}

TEST_F(StreamRunnerTest, AnExhaustedScheduleLeavesADeadEvent) {
    host_.retries = {seconds(10)};
    start(StreamOrder::loose);
    append(1, 2);
    deliver(2);
    settle(1, Outcome::failed, "no");
    save();
    pass(seconds(13));
    answer_find();
    settle(1, Outcome::failed, "no again");
    const StreamProgress progress = save();
    ASSERT_EQ(progress.failing.size(), 1U);
    EXPECT_EQ(progress.failing[0].state, FailingState::dead);
    EXPECT_EQ(progress.failing[0].attempts, 2);
    EXPECT_EQ(progress.failing[0].died_at, now_);
    EXPECT_EQ(progress.failing[0].last_error, "no again");
    EXPECT_EQ(host_.counts["dead"], 1);
    EXPECT_EQ(status().state, StreamState::running);
    pass(seconds(100));
    EXPECT_THAT(host_.sent, IsEmpty());
}

TEST_F(StreamRunnerTest, ARejectedEventIsDeadAtOnce) {
    start(StreamOrder::loose);
    append(1, 1);
    settle(1, Outcome::rejected, "no such mailbox");
    const StreamProgress progress = save();
    EXPECT_EQ(progress.failing.at(0).state, FailingState::dead);
    EXPECT_EQ(progress.cursor.position.value, 1);
}

TEST_F(StreamRunnerTest, WhatWasRejectedIsDeadAlsoWhenThatOpensTheCircuit) {
    start(StreamOrder::loose);
    append(1, 12);
    for (const std::int64_t id : range(1, 12)) settle(id, Outcome::rejected, "no");
    ASSERT_EQ(status().state, StreamState::blocked);
    const StreamProgress progress = save();
    EXPECT_EQ(progress.failing.size(), 12U);
    EXPECT_EQ(progress.cursor.position.value, 12);
}

TEST_F(StreamRunnerTest, AnOutageCostsNoRows) {
    start(StreamOrder::loose);
    append(1, 100);
    for (int i = 0; i < 20; ++i) settle(host_.under_way().front(), Outcome::failed, "HTTP 500");
    ASSERT_EQ(status().state, StreamState::blocked);
    const StreamProgress progress = save();
    EXPECT_TRUE(progress.failing.empty());
    EXPECT_EQ(progress.cursor.position.value, 0);
    while (!host_.sent.empty()) deliver(host_.under_way().front());
    pass(seconds(30));
    while (!host_.sent.empty()) deliver(host_.under_way().front());
    EXPECT_EQ(save().cursor.position.value, 100);
}

TEST_F(StreamRunnerTest, AnEventThatFellIntoAnOutageKeepsItsAttempts) {
    host_.retries = {seconds(1000), seconds(1000)};
    start(StreamOrder::loose);
    for (std::int64_t round = 0; round < 5; ++round) {
        append(round * 20 + 1, round * 20 + 20);
        while (status().state != StreamState::blocked) {
            settle(host_.under_way().front(), Outcome::failed, "HTTP 500");
        }
        while (!host_.sent.empty()) settle(host_.under_way().front(), Outcome::failed, "HTTP 500");
        pass(seconds(30));
        deliver(host_.under_way().front());
    }
    EXPECT_EQ(host_.counts["dead"], 0);
}

TEST_F(StreamRunnerTest, StoredFailingEventsKeepTheirAttemptsAndTheirTime) {
    rows_ = FailingLane::Rows::reads;
    start(StreamOrder::loose, 10, 10);
    ASSERT_EQ(host_.work_reads.size(), 1U);
    FailingEvent row = row_of(4);
    row.attempts = 3;
    row.next_attempt = now_ + seconds(60);
    answer_work({row});
    pass(seconds(59));
    EXPECT_TRUE(host_.finds.empty());
    pass(seconds(1));
    answer_find();
    EXPECT_EQ(host_.sent.at(0).attempt, 4);
    settle(4, Outcome::failed, "no");
    EXPECT_EQ(save().failing.at(0).attempts, 4);
}

TEST_F(StreamRunnerTest, ManyRevivedEventsLeaveTheFlowItsRoom) {
    rows_ = FailingLane::Rows::reads;
    host_.window = 10;
    start(StreamOrder::loose, 50'000, 50'000);
    std::int64_t next = 1;
    const auto answer_part = [&] {
        const auto read = host_.work_reads.at(0);
        host_.work_reads.clear();
        EXPECT_EQ(read.bound.value, next - 1);
        StreamWork work;
        for (std::size_t i = 0; i < read.limit; ++i) work.failing.push_back(row_of(next++));
        work.has_more_failing = true;
        runner_->on_work(read.runner.generation, work, moment());
        advance();
    };
    answer_part();
    append(50'001, 50'100);
    std::set<std::int64_t> delivered;
    for (int i = 0; i < 400; ++i) {
        if (!host_.work_reads.empty()) answer_part();
        if (!host_.finds.empty()) answer_find();
        ASSERT_FALSE(host_.sent.empty());
        delivered.insert(host_.under_way().front());
        deliver(host_.under_way().front());
    }
    EXPECT_EQ(cursor(), 50'100);
    EXPECT_GT(delivered.size(), 250U);
    EXPECT_LT(runner_->status(moment()).set_aside, 2 * FailingLane::kPartRows);
}

TEST_F(StreamRunnerTest, SubjectGivesRowsToWhatIsHeldAndGoesOnWhenTheFirstIsDead) {
    host_.retries = {seconds(10)};
    start(StreamOrder::subject);
    append({make(1, "x"), make(2, "x"), make(3, "y")});
    deliver(3);
    settle(1, Outcome::failed, "no");
    StreamProgress progress = save();
    ASSERT_EQ(progress.failing.size(), 2U);
    EXPECT_EQ(progress.failing[0].state, FailingState::retrying);
    EXPECT_EQ(progress.failing[1].state, FailingState::held);
    EXPECT_EQ(progress.cursor.position.value, 3);
    append({make(4, "x")});
    EXPECT_THAT(host_.sent, IsEmpty());
    pass(seconds(13));
    answer_find();
    EXPECT_THAT(host_.under_way(), ElementsAre(1));
    settle(1, Outcome::failed, "no");
    answer_find("x");
    EXPECT_THAT(host_.under_way(), ElementsAre(2));
    deliver(2);
    EXPECT_THAT(host_.under_way(), ElementsAre(4));
    deliver(4);
    progress = save();
    EXPECT_EQ(progress.failing.at(0).state, FailingState::dead);
    EXPECT_THAT(progress.settled, ElementsAre(EventId{2}));
}

TEST_F(StreamRunnerTest, SubjectKnowsAllItsRowsBeforeItGoesOn) {
    rows_ = FailingLane::Rows::reads;
    start(StreamOrder::subject, 10, 10);
    append({make(11, "x"), make(12, "y")});
    EXPECT_THAT(host_.sent, IsEmpty());
    FailingEvent row = row_of(4);
    row.subject = "x";
    row.attempts = 1;
    row.next_attempt = now_ + seconds(60);
    answer_work({row});
    EXPECT_THAT(host_.under_way(), ElementsAre(12));
    pass(seconds(60));
    answer_find("x");
    deliver(4);
    EXPECT_THAT(host_.under_way(), ElementsAre(12, 11));
}

TEST_F(StreamRunnerTest, AnOperatorSkipsTheHeadOfAStrictStream) {
    start(StreamOrder::strict);
    append(1, 3);
    settle(1, Outcome::failed, "returned");
    deliver({2, 3});
    ASSERT_TRUE(status().head);
    EXPECT_EQ(status().head->event.value, 1);
    EXPECT_EQ(status().head->attempts, 1);
    EXPECT_EQ(status().head->last_error, "returned");
    EXPECT_TRUE(status().head->next_attempt);
    runner_->want_work();
    advance();
    answer_work({}, EventId{1});
    const StreamProgress progress = save();
    ASSERT_EQ(progress.failing.size(), 1U);
    EXPECT_EQ(progress.failing[0].state, FailingState::dead);
    EXPECT_EQ(progress.failing[0].last_error, "Skipped by an operator.");
    EXPECT_EQ(progress.cursor.position.value, 3);
    append(4, 4);
    EXPECT_THAT(host_.under_way(), ElementsAre(4));
    EXPECT_FALSE(status().head);
}

TEST_F(StreamRunnerTest, ASkipThatComesTooLateIsIgnored) {
    start(StreamOrder::strict);
    append(1, 2);
    deliver(1);
    runner_->want_work();
    advance();
    answer_work({}, EventId{1});
    EXPECT_TRUE(save().failing.empty());
    deliver(2);
    EXPECT_EQ(cursor(), 2);
}

TEST_F(StreamRunnerTest, SaysSinceWhenItsOldestEventWaitsAndHowFastItDelivers) {
    start(StreamOrder::loose);
    EXPECT_FALSE(status().oldest);
    append(1, 60);
    EXPECT_EQ(status().oldest, time_of(1));
    for (std::int64_t id = 1; id < 60; ++id) deliver(id);
    EXPECT_EQ(status().oldest, time_of(60));
    deliver(60);
    EXPECT_DOUBLE_EQ(runner_->rate().per_second(steady_), 1.0);
    EXPECT_EQ(host_.attempts.size(), 60U);
}

}  // namespace
}  // namespace headwater
