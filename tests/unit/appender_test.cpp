#include "core/appender.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "core/log_tail.hpp"
#include "tests/support/memory_log.hpp"

namespace headwater {
namespace {

using testing::make_new_event;
using testing::make_type;
using testing::MemoryLog;

IdempotencyKey key(unsigned char name, unsigned char print) {
    IdempotencyKey made;
    made.key[0] = name;
    made.fingerprint[0] = print;
    return made;
}

class AppenderTest : public ::testing::Test {
  protected:
    void start(Appender::Options options = {}) {
        appender_ = std::make_unique<Appender>(log_, tail_, clock_, metrics_, options);
    }

    std::future<Appender::Answer> send(std::vector<NewEvent> events,
                                       std::optional<IdempotencyKey> request_key = std::nullopt) {
        std::promise<Appender::Answer> promise;
        std::future<Appender::Answer> answer = promise.get_future();
        appender_->submit(
            std::move(events),
            [p = std::move(promise)](Appender::Answer a) mutable { p.set_value(std::move(a)); }, request_key);
        return answer;
    }

    std::vector<NewEvent> one(std::string payload, std::optional<IdempotencyKey> key = {}) {
        std::vector<NewEvent> events;
        events.push_back(make_new_event(type_, std::move(payload)));
        events.back().key = key;
        return events;
    }

    /// Holds the first append until release() so that requests queue up behind it.
    void hold_first_append() {
        log_.on_append = [this](const AppendBatch& batch, bool stored) {
            if (batch.number != 1 || stored) return;
            entered_.count_down();
            released_.wait();
        };
    }

    EventTypePtr type_ = make_type("a:b");
    MemoryLog log_;
    LogTail tail_{log_};
    SystemClock clock_;
    NullMetrics metrics_;
    std::latch entered_{1};
    std::latch released_{1};
    std::unique_ptr<Appender> appender_;
};

TEST_F(AppenderTest, AnswersOnceStored) {
    start();
    const Appender::Answer answer = send(one("1")).get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at(0).outcome, Appended::Outcome::stored);
    EXPECT_EQ(answer->at(0).id, EventId{1});
    EXPECT_EQ(log_.size(), 1u);
}

TEST_F(AppenderTest, CommitsTogetherWhatQueuedUpMeanwhile) {
    hold_first_append();
    start();
    std::vector<std::future<Appender::Answer>> answers;
    answers.push_back(send(one("1")));
    entered_.wait();
    for (int i = 0; i < 100; ++i) answers.push_back(send(one("2")));
    released_.count_down();
    for (auto& answer : answers) EXPECT_TRUE(answer.get());
    EXPECT_EQ(log_.size(), 101u);
    EXPECT_EQ(log_.commits(), 2u);
}

TEST_F(AppenderTest, KeepsARequestsEventsInOneCommit) {
    hold_first_append();
    start({.max_batch_events = 5});
    auto first = send(one("0"));
    entered_.wait();
    std::vector<NewEvent> three;
    for (int i = 0; i < 3; ++i) three.push_back(make_new_event(type_, "1"));
    std::vector<NewEvent> four;
    for (int i = 0; i < 4; ++i) four.push_back(make_new_event(type_, "2"));
    auto second = send(std::move(three));
    auto third = send(std::move(four));
    released_.count_down();
    EXPECT_EQ(second.get()->size(), 3u);
    EXPECT_EQ(third.get()->size(), 4u);
    EXPECT_EQ(log_.commits(), 3u);
}

TEST_F(AppenderTest, TellsADuplicateFromAConflictWithinOneBatch) {
    hold_first_append();
    start();
    auto first = send(one("0"));
    entered_.wait();
    auto original = send(one("1", key('k', 1)));
    auto repeat = send(one("1", key('k', 1)));
    auto conflict = send(one("2", key('k', 2)));
    released_.count_down();
    const EventId id = original.get()->at(0).id;
    const Appended repeated = repeat.get()->at(0);
    EXPECT_EQ(repeated.outcome, Appended::Outcome::duplicate);
    EXPECT_EQ(repeated.id, id);
    EXPECT_EQ(conflict.get()->at(0).outcome, Appended::Outcome::conflict);
    EXPECT_EQ(log_.size(), 2u);
}

TEST_F(AppenderTest, ARepeatedRequestAndAnotherUnderItsKeyStoreNothing) {
    hold_first_append();
    start();
    auto first = send(one("0"));
    entered_.wait();
    const auto batch = [this](int count) {
        std::vector<NewEvent> events;
        for (int i = 0; i < count; ++i) events.push_back(make_new_event(type_, "1"));
        return events;
    };
    auto original = send(batch(2), key('r', 1));
    auto repeat = send(batch(2), key('r', 1));
    auto longer = send(batch(3), key('r', 2));
    auto shorter = send(batch(1), key('r', 3));
    released_.count_down();
    const std::vector<Appended> stored = original.get().value();
    const std::vector<Appended> repeated = repeat.get().value();
    ASSERT_EQ(repeated.size(), 2u);
    EXPECT_EQ(repeated[1].outcome, Appended::Outcome::duplicate);
    EXPECT_EQ(repeated[1].id, stored[1].id);
    for (auto* other : {&longer, &shorter}) {
        const std::vector<Appended> refused = other->get().value();
        for (const Appended& one_event : refused) EXPECT_EQ(one_event.outcome, Appended::Outcome::conflict);
    }
    EXPECT_EQ(log_.size(), 3u);
}

TEST_F(AppenderTest, FindsOutTheOutcomeOfACommitWhoseAnswerWasLost) {
    int tries = 0;
    log_.on_append = [&](const AppendBatch&, bool stored) {
        if (stored && ++tries == 1) throw Unavailable("the connection broke after the commit");
    };
    start();
    const Appender::Answer answer = send(one("1")).get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at(0).outcome, Appended::Outcome::stored);
    EXPECT_EQ(log_.size(), 1u);
    EXPECT_EQ(tries, 2);
}

TEST_F(AppenderTest, IsolatesTheRowThatTheDatabaseRefuses) {
    log_.on_append = [](const AppendBatch& batch, bool stored) {
        if (stored) return;
        for (const NewEvent* event : batch.events) {
            if (event->payload == "bad") throw DataRejected("no such row");
        }
    };
    start();
    std::vector<NewEvent> events;
    for (int i = 0; i < 7; ++i) events.push_back(make_new_event(type_, i == 4 ? "bad" : "1"));
    const Appender::Answer answer = send(std::move(events)).get();
    ASSERT_TRUE(answer);
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(answer->at(i).outcome, i == 4 ? Appended::Outcome::rejected : Appended::Outcome::stored);
    }
    EXPECT_EQ(log_.size(), 6u);
}

TEST_F(AppenderTest, NeverPartsTheEventsOfARequestWithAKey) {
    log_.on_append = [this](const AppendBatch& batch, bool stored) {
        if (stored) return;
        if (batch.number == 1) {
            entered_.count_down();
            released_.wait();
        }
        for (const NewEvent* event : batch.events) {
            if (event->payload == "bad") throw DataRejected("no such row");
        }
    };
    start();
    auto first = send(one("0"));
    entered_.wait();
    std::vector<std::future<Appender::Answer>> answers;
    for (int request = 0; request < 5; ++request) {
        std::vector<NewEvent> events;
        for (int i = 0; i < 3; ++i)
            events.push_back(make_new_event(type_, request == 2 && i == 1 ? "bad" : "1"));
        answers.push_back(send(std::move(events), key(static_cast<unsigned char>(request), 1)));
    }
    released_.count_down();
    for (std::size_t request = 0; request < 5; ++request) {
        const std::vector<Appended> appended = answers[request].get().value();
        for (const Appended& one_event : appended) {
            EXPECT_EQ(one_event.outcome,
                      request == 2 ? Appended::Outcome::rejected : Appended::Outcome::stored);
        }
    }
    EXPECT_EQ(log_.size(), 13u);
}

TEST_F(AppenderTest, AnswersUnavailableWhenTheDeadlinePassesAndRecoversByItself) {
    std::atomic<bool> is_away = true;
    log_.on_append = [&](const AppendBatch&, bool) {
        if (is_away) throw Unavailable("away");
    };
    start({.answer_deadline = std::chrono::milliseconds(0)});
    const Appender::Answer refused = send(one("1")).get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refusal::Kind::unavailable);
    EXPECT_TRUE(appender_->complaint());
    is_away = false;
    EXPECT_TRUE(send(one("2")).get());
    EXPECT_FALSE(appender_->complaint());
    EXPECT_EQ(log_.size(), 1u);
}

TEST_F(AppenderTest, RefusesAtOnceWhenTheQueueIsFull) {
    hold_first_append();
    start({.max_queue_bytes = 1000});
    auto first = send(one("1"));
    entered_.wait();
    auto second = send(one("2"));
    const Appender::Answer third = send(one(std::string(900, ' '))).get();
    released_.count_down();
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, Refusal::Kind::overloaded);
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
}

TEST_F(AppenderTest, CommitsWhatItAcceptedBeforeItStops) {
    hold_first_append();
    start();
    auto first = send(one("1"));
    entered_.wait();
    auto second = send(one("2"));
    std::jthread stopper([this] { appender_->stop(); });
    released_.count_down();
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
    stopper.join();
    EXPECT_FALSE(send(one("3")).get());
    EXPECT_EQ(log_.size(), 2u);
}

TEST_F(AppenderTest, RefusesWhileTheDiskIsFull) {
    start();
    appender_->observe_disk(DiskState::full);
    const Appender::Answer refused = send(one("1")).get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refusal::Kind::unavailable);
    EXPECT_TRUE(appender_->complaint());
    appender_->observe_disk(DiskState::roomy);
    EXPECT_TRUE(send(one("2")).get());
    EXPECT_FALSE(appender_->complaint());
}

TEST_F(AppenderTest, RefusesWhileTheClocksDisagree) {
    start();
    appender_->observe_database_clock(clock_.now() + std::chrono::minutes(5));
    EXPECT_FALSE(send(one("1")).get());
    appender_->observe_database_clock(clock_.now());
    EXPECT_TRUE(send(one("2")).get());
}

}  // namespace
}  // namespace headwater
