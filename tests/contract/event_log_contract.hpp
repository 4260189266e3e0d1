#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/event_log.hpp"

namespace headwater::testing {

/// A log to be tried, empty when it is made.
class LogUnderTest {
  public:
    virtual ~LogUnderTest() = default;
    virtual LogWriter& writer() = 0;
    virtual LogWriter& other_writer() = 0;  ///< as another node would have it
    virtual LogReader& reader() = 0;
    virtual EventTypePtr register_type(const std::string& name, std::string_view ttl) = 0;
    virtual void remove_type(const std::string& name) = 0;
};

/// What every pair of LogWriter and LogReader must do. Instantiate with functions that make one.
class EventLogContract : public ::testing::TestWithParam<std::function<std::unique_ptr<LogUnderTest>()>> {
  protected:
    void SetUp() override { log_ = GetParam()(); }

    EventTypePtr type(const std::string& name, std::string_view ttl = "permanent") {
        return log_->register_type(name, ttl);
    }
    static NewEvent event(EventTypePtr type, std::string payload = "1") {
        NewEvent made;
        made.type = std::move(type);
        made.payload = std::move(payload);
        return made;
    }
    static NewEvent keyed(EventTypePtr type, unsigned char key, unsigned char fingerprint) {
        NewEvent made = event(std::move(type));
        made.key = {Digest{key}, Digest{fingerprint}};
        return made;
    }
    /// Holds the place of an item that was refused.
    static NewEvent refused(std::string answer) { return event(nullptr, std::move(answer)); }

    AppendResult append(const std::vector<NewEvent>& events, const std::vector<KeyedRequest>& requests = {}) {
        return append_as(log_->writer(), 1, ++number_, events, requests);
    }
    /// All of the events as one request.
    AppendResult append_request(unsigned char key, unsigned char fingerprint,
                                const std::vector<NewEvent>& events) {
        return append(events, {{0, events.size(), {Digest{key, 1}, Digest{fingerprint}}}});
    }
    static AppendResult append_as(LogWriter& writer, std::int64_t process, std::int64_t number,
                                  const std::vector<NewEvent>& events,
                                  const std::vector<KeyedRequest>& requests = {}) {
        std::vector<const NewEvent*> pointers;
        for (const NewEvent& one : events) pointers.push_back(&one);
        return writer.append({process, number, pointers, requests});
    }
    static std::vector<Appended::Outcome> outcomes(const AppendResult& result) {
        std::vector<Appended::Outcome> found;
        for (const Appended& one : result.events) found.push_back(one.outcome);
        return found;
    }
    std::vector<EventPtr> read_all(LogRead what = {}) { return log_->reader().read(what).events; }

    static std::vector<std::int64_t> ids(const std::vector<EventPtr>& events) {
        std::vector<std::int64_t> found;
        for (const EventPtr& one : events) found.push_back(one->id.value);
        return found;
    }

    std::unique_ptr<LogUnderTest> log_;
    std::int64_t number_ = 0;
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Outcome = Appended::Outcome;

TEST_P(EventLogContract, GivesConsecutiveIdsInOrder) {
    const auto a = type("a");
    const AppendResult first = append({event(a), event(a)});
    const AppendResult second = append({event(a)});
    EXPECT_EQ(first.previous_head, Position{0});
    EXPECT_EQ(first.events[0].id, EventId{1});
    EXPECT_EQ(first.events[1].id, EventId{2});
    EXPECT_EQ(second.previous_head, Position{2});
    EXPECT_EQ(second.events[0].id, EventId{3});
    EXPECT_GE(second.clock, first.clock);
    EXPECT_EQ(second.events[0].created_at, second.clock);
    EXPECT_THAT(ids(read_all()), ElementsAre(1, 2, 3));
}

TEST_P(EventLogContract, GivesBackWhatWasStored) {
    NewEvent sent = event(type("a"), R"({"n":1.0,"text":"\u0000 \"quoted\" {1,2} \\N"})");
    sent.subject = "the, \"subject\" {}\\ NULL";
    sent.meta = R"("sourceId":"x")";
    append({sent});
    const auto events = read_all();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0]->payload(), sent.payload);
    EXPECT_EQ(events[0]->subject, sent.subject);
    EXPECT_EQ(events[0]->type, "a");
    EXPECT_EQ(events[0]->expires_at, Timestamp::max());
    EXPECT_FALSE(events[0]->is_ephemeral);
}

TEST_P(EventLogContract, FindsOneEventById) {
    const auto a = type("a");
    append({event(a, "1"), event(a, "2")});
    append({event(a, "3")});
    const auto found = log_->reader().find(EventId{2});
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->payload(), "2");
    EXPECT_FALSE(log_->reader().find(EventId{4}));
    EXPECT_FALSE(log_->reader().find(EventId{0}));
}

TEST_P(EventLogContract, RepeatingABatchGivesTheFirstAnswer) {
    const auto a = type("a");
    const std::vector<NewEvent> batch = {event(a), keyed(a, 1, 1)};
    const AppendResult first = append_as(log_->writer(), 7, 1, batch);
    append_as(log_->other_writer(), 8, 1, {event(a)});
    const AppendResult again = append_as(log_->other_writer(), 7, 1, batch);
    EXPECT_EQ(again.previous_head, first.previous_head);
    EXPECT_EQ(again.clock, first.clock);
    EXPECT_EQ(again.events[1].id, first.events[1].id);
    EXPECT_EQ(again.events[1].outcome, Outcome::stored);
    EXPECT_EQ(read_all().size(), 3U);
}

TEST_P(EventLogContract, AUsedKeyIsADuplicateOrAConflict) {
    const auto a = type("a");
    const AppendResult first = append({event(a), keyed(a, 1, 1)});
    const AppendResult second = append({keyed(a, 1, 2), event(a), keyed(a, 1, 1), keyed(a, 2, 1)});
    EXPECT_EQ(second.events[0].outcome, Outcome::conflict);
    EXPECT_EQ(second.events[1].outcome, Outcome::stored);
    EXPECT_EQ(second.events[1].id, EventId{3});
    EXPECT_EQ(second.events[2].outcome, Outcome::duplicate);
    EXPECT_EQ(second.events[2].id, first.events[1].id);
    EXPECT_EQ(second.events[2].created_at, first.clock);
    EXPECT_EQ(second.events[3].outcome, Outcome::stored);
    EXPECT_EQ(second.events[3].id, EventId{4});
    EXPECT_THAT(ids(read_all()), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(append({event(a)}).previous_head, Position{4});
}

TEST_P(EventLogContract, ABatchOfDuplicatesStoresNothing) {
    const auto a = type("a");
    append({keyed(a, 1, 1)});
    const AppendResult result = append({keyed(a, 1, 1)});
    EXPECT_EQ(result.events[0].outcome, Outcome::duplicate);
    EXPECT_EQ(log_->reader().head().position, Position{1});
}

TEST_P(EventLogContract, AKeyMayRepeatWithinABatch) {
    const auto a = type("a");
    append({keyed(a, 9, 1)});
    const AppendResult result = append({event(a), keyed(a, 1, 1), keyed(a, 1, 1), keyed(a, 1, 2), event(a),
                                        keyed(a, 2, 1), keyed(a, 9, 1), keyed(a, 9, 2)});
    EXPECT_THAT(outcomes(result),
                ElementsAre(Outcome::stored, Outcome::stored, Outcome::duplicate, Outcome::conflict,
                            Outcome::stored, Outcome::stored, Outcome::duplicate, Outcome::conflict));
    EXPECT_EQ(result.events[2].id, result.events[1].id);
    EXPECT_EQ(result.events[2].created_at, result.clock);
    EXPECT_EQ(result.events[6].id, EventId{1});
    EXPECT_THAT(ids(read_all()), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_EQ(append({keyed(a, 1, 1)}).events[0].id, result.events[1].id);
}

TEST_P(EventLogContract, ARepeatedRequestGetsTheFirstAnswerAndStoresNothing) {
    const auto a = type("a");
    append({event(a)});
    const AppendResult first = append_request(1, 1, {event(a), event(a)});
    EXPECT_THAT(outcomes(first), ElementsAre(Outcome::stored, Outcome::stored));
    append({event(a)});
    const AppendResult repeat = append_request(1, 1, {event(a), event(a)});
    EXPECT_THAT(outcomes(repeat), ElementsAre(Outcome::duplicate, Outcome::duplicate));
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(repeat.events[i].id, first.events[i].id);
        EXPECT_EQ(repeat.events[i].created_at, first.clock);
    }
    EXPECT_THAT(ids(read_all()), ElementsAre(1, 2, 3, 4));
}

TEST_P(EventLogContract, AnotherRequestUnderAUsedKeyStoresNothing) {
    const auto a = type("a");
    append_request(1, 1, {event(a), event(a)});
    EXPECT_THAT(outcomes(append_request(1, 2, {event(a), event(a), event(a), keyed(a, 5, 5)})),
                ElementsAre(Outcome::conflict, Outcome::conflict, Outcome::conflict, Outcome::conflict));
    EXPECT_THAT(outcomes(append_request(1, 3, {event(a)})), ElementsAre(Outcome::conflict));
    EXPECT_EQ(log_->reader().head().position, Position{2});
    EXPECT_THAT(outcomes(append({keyed(a, 5, 6)})), ElementsAre(Outcome::stored))
        << "its items leave no keys";
}

TEST_P(EventLogContract, ARepeatedRequestKeepsWhatWasRefusedTheFirstTime) {
    const auto a = type("a");
    const auto gone = type("gone");
    const auto e = type("e", "ephemeral");
    log_->remove_type("gone");
    append({keyed(a, 7, 1)});
    const std::vector<NewEvent> items = {refused(R"({"a":"{1,2}\\n"})"),
                                         event(a),
                                         keyed(a, 7, 1),
                                         event(gone),
                                         keyed(a, 7, 2),
                                         event(e),
                                         keyed(a, 8, 1),
                                         keyed(a, 8, 1)};
    const AppendResult first = append_request(1, 1, items);
    EXPECT_THAT(outcomes(first),
                ElementsAre(Outcome::refused, Outcome::stored, Outcome::duplicate, Outcome::unregistered,
                            Outcome::conflict, Outcome::stored, Outcome::stored, Outcome::duplicate));
    const AppendResult repeat = append_request(1, 1, std::vector<NewEvent>(8, event(a)));
    EXPECT_THAT(outcomes(repeat),
                ElementsAre(Outcome::refused, Outcome::duplicate, Outcome::duplicate, Outcome::unregistered,
                            Outcome::conflict, Outcome::duplicate, Outcome::duplicate, Outcome::duplicate));
    EXPECT_EQ(repeat.events[0].answer, items[0].payload);
    for (const std::size_t i : {1, 2, 5, 6, 7}) {
        EXPECT_EQ(repeat.events[i].id, first.events[i].id) << i;
        EXPECT_EQ(repeat.events[i].created_at, first.events[i].created_at) << i;
        EXPECT_EQ(repeat.events[i].answer, "") << i;
    }
    EXPECT_EQ(log_->reader().head().position, Position{4});
}

TEST_P(EventLogContract, ARequestOfWhichNothingWasTakenLeavesItsKeyFree) {
    const auto a = type("a");
    append({keyed(a, 7, 1)});
    EXPECT_THAT(outcomes(append_request(1, 1, {refused("{}"), keyed(a, 7, 2)})),
                ElementsAre(Outcome::refused, Outcome::conflict));
    EXPECT_THAT(outcomes(append_request(1, 2, {event(a)})), ElementsAre(Outcome::stored));
}

TEST_P(EventLogContract, ARequestOfDuplicatesKeepsItsKey) {
    const auto a = type("a");
    const AppendResult event_first = append({keyed(a, 7, 1)});
    EXPECT_THAT(outcomes(append_request(1, 1, {keyed(a, 7, 1)})), ElementsAre(Outcome::duplicate));
    const AppendResult repeat = append_request(1, 1, {event(a)});
    EXPECT_THAT(outcomes(repeat), ElementsAre(Outcome::duplicate));
    EXPECT_EQ(repeat.events[0].id, event_first.events[0].id);
    EXPECT_EQ(repeat.events[0].created_at, event_first.clock);
}

TEST_P(EventLogContract, RequestsWithAndWithoutKeysShareABatch) {
    const auto a = type("a");
    append_request(1, 1, {event(a), event(a)});
    const KeyedRequest known{1, 2, {Digest{1, 1}, Digest{1}}};
    const KeyedRequest fresh{4, 3, {Digest{2, 1}, Digest{1}}};
    const std::vector<NewEvent> events = {event(a), event(a),       event(a),      event(a),
                                          event(a), keyed(a, 3, 1), refused("{}"), keyed(a, 3, 1)};
    const AppendResult result = append_as(log_->writer(), 7, 1, events, {known, fresh});
    EXPECT_THAT(outcomes(result),
                ElementsAre(Outcome::stored, Outcome::duplicate, Outcome::duplicate, Outcome::stored,
                            Outcome::stored, Outcome::stored, Outcome::refused, Outcome::duplicate));
    EXPECT_EQ(result.events[0].id, EventId{3});
    EXPECT_EQ(result.events[1].id, EventId{1});
    EXPECT_EQ(result.events[2].id, EventId{2});
    EXPECT_EQ(result.events[5].id, EventId{6});
    EXPECT_EQ(result.events[7].id, EventId{6});
    const AppendResult again = append_as(log_->other_writer(), 7, 1, events, {known, fresh});
    EXPECT_EQ(outcomes(again), outcomes(result)) << "a lost answer is asked for once more";
    EXPECT_EQ(again.events[1].id, EventId{1});
    EXPECT_THAT(outcomes(append({event(a), event(a), event(a)}, {{0, 3, fresh.key}})),
                ElementsAre(Outcome::duplicate, Outcome::duplicate, Outcome::refused));
}

TEST_P(EventLogContract, EventsOfARemovedTypeAreNotStored) {
    const auto kept = type("kept");
    const auto gone = type("gone");
    append({event(gone), event(kept)});
    log_->remove_type("gone");
    const AppendResult result = append({event(gone), event(kept)});
    EXPECT_EQ(result.events[0].outcome, Outcome::unregistered);
    EXPECT_EQ(result.events[1].outcome, Outcome::stored);
    EXPECT_EQ(result.events[1].id, EventId{3});
    EXPECT_EQ(read_all({.type = "gone"}).size(), 1U) << "stored events stay readable under their type's name";
}

TEST_P(EventLogContract, EphemeralEventsTakeAnIdAndAreSeenOnlyWhenAskedFor) {
    const auto a = type("a");
    const auto e = type("e", "ephemeral");
    const AppendResult result = append({event(a), event(e), event(a)});
    EXPECT_EQ(result.events[1].id, EventId{2});
    EXPECT_THAT(ids(read_all()), ElementsAre(1, 3));
    const auto events = read_all({.with_ephemeral = true});
    EXPECT_THAT(ids(events), ElementsAre(1, 2, 3));
    EXPECT_TRUE(events[1]->is_ephemeral);
    EXPECT_FALSE(log_->reader().find(EventId{2}));
}

TEST_P(EventLogContract, ReadsInPagesUpToAPosition) {
    const auto a = type("a");
    for (int i = 0; i < 5; ++i) append({event(a), event(a)});
    LogPage page = log_->reader().read({.limit = 4});
    EXPECT_THAT(ids(page.events), ElementsAre(1, 2, 3, 4));
    EXPECT_FALSE(page.is_last);
    const Cursor cursor{page.events.back()->id, page.events.back()->created_at};
    page = log_->reader().read({.after = cursor, .through = Position{9}, .limit = 5});
    EXPECT_THAT(ids(page.events), ElementsAre(5, 6, 7, 8, 9));
    EXPECT_TRUE(page.is_last);
    page = log_->reader().read({.after = log_->reader().cursor_at(Position{8})});
    EXPECT_THAT(ids(page.events), ElementsAre(9, 10));
}

TEST_P(EventLogContract, AlwaysReadsAtLeastOneEventWhateverItsSize) {
    const auto a = type("a");
    append({event(a, std::string(1000, '1')), event(a, std::string(1000, '2'))});
    const LogPage page = log_->reader().read({.max_bytes = 10});
    EXPECT_THAT(ids(page.events), ElementsAre(1));
    EXPECT_FALSE(page.is_last);
}

TEST_P(EventLogContract, FiltersByTypesAndSubject) {
    const auto ab = type("a:b");
    const auto ac = type("a:c");
    const auto room = type("room:x");
    NewEvent with_subject = event(ac);
    with_subject.subject = "s";
    append({event(ab), with_subject, event(room), event(ac)});
    const auto read = [&](const char* filter) {
        const auto types = TypeFilter::parse(filter).value();
        return ids(read_all({.types = &types}));
    };
    EXPECT_THAT(read(""), ElementsAre(1, 2, 4)) << "reserved types must be named";
    EXPECT_THAT(read("a:*"), ElementsAre(1, 2, 4));
    EXPECT_THAT(read("a:b,room:*"), ElementsAre(1, 3));
    EXPECT_THAT(read("nothing"), IsEmpty());
    EXPECT_THAT(ids(read_all()), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(ids(read_all({.type = "a:c", .subject = "s"})), ElementsAre(2));
}

TEST_P(EventLogContract, TheHeadIsTheNewestIdAndTheClockNeverGoesBack) {
    EXPECT_EQ(log_->reader().head().position, Position{0});
    const AppendResult result = append({event(type("a"))});
    const LogHead head = log_->reader().head();
    EXPECT_EQ(head.position, Position{1});
    EXPECT_EQ(head.clock, result.clock);
    const LogHead advanced = log_->reader().advance_clock();
    EXPECT_EQ(advanced.position, head.position);
    EXPECT_GE(advanced.clock, head.clock);
    EXPECT_GE(append({event(type("a"))}).clock, advanced.clock);
}

TEST_P(EventLogContract, TwoWritersTakeTurns) {
    const auto a = type("a");
    append_as(log_->writer(), 1, 1, {event(a)});
    const AppendResult other = append_as(log_->other_writer(), 2, 1, {event(a), event(a)});
    EXPECT_EQ(other.previous_head, Position{1});
    EXPECT_EQ(append_as(log_->writer(), 1, 2, {event(a)}).events[0].id, EventId{4});
}

}  // namespace headwater::testing
