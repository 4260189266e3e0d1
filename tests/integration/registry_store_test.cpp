#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/memory_log.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegistryStoreTest : public ::testing::Test {
  protected:
    static StreamDefinition stream(std::string name, std::string destination = "{}") {
        StreamDefinition made;
        made.name = std::move(name);
        made.source = "rabbit";
        made.destination = std::move(destination);
        made.order = StreamOrder::strict;
        return made;
    }
    static Registration registration(std::optional<std::vector<StreamDefinition>> streams = std::nullopt) {
        Registration made;
        made.type = "a:b";
        made.streams = std::move(streams);
        return made;
    }
    RegistrationResult put(const Registration& registration) { return store_.put(registration).value(); }
    void append(const EventTypePtr& type, int count) {
        database_.append(std::vector<NewEvent>(static_cast<std::size_t>(count), make_new_event(type, "1")));
    }

    TestDatabase database_;
    RegistryStore& store_ = database_->registry_store();
};

TEST_F(RegistryStoreTest, ANewTypeIsPermanentUnlessToldOtherwise) {
    const RegistrationResult result = put(registration());
    EXPECT_TRUE(result.is_new);
    EXPECT_TRUE(result.is_changed);
    EXPECT_TRUE(result.type.retention.is_permanent());
    EXPECT_EQ(result.type.version, 1);
    EXPECT_THAT(result.streams, IsEmpty());
}

TEST_F(RegistryStoreTest, AnUnchangedDefinitionChangesNothing) {
    Registration wanted = registration({{stream("s")}});
    wanted.retention = parse_retention("24days").value();
    const RegistrationResult first = put(wanted);
    const std::int64_t generation = store_.generation();
    const RegistrationResult again = put(wanted);
    EXPECT_FALSE(again.is_new);
    EXPECT_FALSE(again.is_changed);
    EXPECT_EQ(again.type.version, first.type.version);
    EXPECT_EQ(again.streams.at(0).id, first.streams.at(0).id);
    EXPECT_EQ(store_.generation(), generation);
}

TEST_F(RegistryStoreTest, WhatIsLeftOutStays) {
    Registration wanted = registration({{stream("s")}});
    wanted.retention = parse_retention("24days").value();
    wanted.schema_text = R"({"type":"object"})";
    put(wanted);
    const RegistrationResult result = put(registration());
    EXPECT_FALSE(result.is_changed);
    EXPECT_EQ(to_string(result.type.retention), "24days");
    EXPECT_EQ(result.type.schema_text, R"({"type":"object"})");
    EXPECT_THAT(result.streams, SizeIs(1));
}

TEST_F(RegistryStoreTest, AChangedDestinationKeepsTheStreamAndItsCursor) {
    const Stream before = put(registration({{stream("s", "{\"x\":1}")}})).streams.at(0);
    const RegistrationResult result = put(registration({{stream("s", "{\"x\":2}"), stream("t")}}));
    ASSERT_THAT(result.streams, SizeIs(2));
    EXPECT_EQ(result.streams[0].id, before.id);
    EXPECT_EQ(result.streams[0].cursor, before.cursor);
    EXPECT_EQ(result.streams[0].definition.destination, "{\"x\":2}");
    EXPECT_EQ(result.streams[0].version, 2);
    EXPECT_EQ(result.type.version, 2);
}

TEST_F(RegistryStoreTest, StreamsThatAreLeftOutOfTheListAreRemoved) {
    put(registration({{stream("s"), stream("t")}}));
    const RegistrationResult result = put(registration(std::vector<StreamDefinition>{}));
    EXPECT_THAT(result.streams, IsEmpty());
    EXPECT_THAT(result.removed, SizeIs(2));
    EXPECT_THAT(store_.load().streams, IsEmpty());
}

TEST_F(RegistryStoreTest, TwoStreamsOfOneNameAreAConflict) {
    EXPECT_EQ(store_.put(registration({{stream("s"), stream("s")}})).error().kind, Refusal::Kind::conflict);
}

TEST_F(RegistryStoreTest, AStreamStartsWhereItWasToldTo) {
    const auto type = database_.register_type("a:b");
    append(type, 3);
    std::vector<StreamDefinition> wanted = {stream("now"), stream("beginning"), stream("after")};
    wanted[1].start.kind = StreamStart::Kind::beginning;
    wanted[2].start = {StreamStart::Kind::after, Position{2}};
    const auto streams = put(registration(wanted)).streams;
    EXPECT_EQ(streams.at(0).cursor.position, Position{3});
    EXPECT_EQ(streams.at(1).cursor.position, Position{0});
    EXPECT_EQ(streams.at(2).cursor.position, Position{2});
    EXPECT_EQ(store_.lag_events(streams[0]), 0);
    EXPECT_EQ(store_.lag_events(streams[1]), 3);
    EXPECT_EQ(store_.lag_events(streams[2]), 1);
    for (const Stream& one : streams) {
        const LogPage page = database_->log_reader().read({.after = one.cursor});
        EXPECT_EQ(page.events.size(), static_cast<std::size_t>(store_.lag_events(one)))
            << one.definition.name;
    }
}

TEST_F(RegistryStoreTest, IfMatchNamesTheVersionThatMustBeStored) {
    Registration wanted = registration();
    wanted.if_match = 0;
    EXPECT_EQ(store_.put(wanted).error().kind, Refusal::Kind::precondition_failed);
    put(registration());
    EXPECT_TRUE(store_.put(wanted));
    wanted.if_match = 7;
    EXPECT_EQ(store_.put(wanted).error().kind, Refusal::Kind::precondition_failed);
    EXPECT_EQ(store_.remove_type("a:b", 7).error().kind, Refusal::Kind::precondition_failed);
    EXPECT_TRUE(store_.remove_type("a:b", 1));
}

TEST_F(RegistryStoreTest, ATypeThatComesBackHasItsIdButNothingElse) {
    Registration wanted = registration({{stream("s")}});
    wanted.retention = parse_retention("24days").value();
    const RegistrationResult first = put(wanted);
    EXPECT_THAT(store_.remove_type("a:b", std::nullopt).value(), SizeIs(1));
    for (const EventTypePtr& type : store_.load().types) EXPECT_NE(type->name, "a:b");
    EXPECT_EQ(store_.remove_type("a:b", std::nullopt).error().kind, Refusal::Kind::not_found);
    const RegistrationResult again = put(registration());
    EXPECT_TRUE(again.is_new);
    EXPECT_EQ(again.type.id, first.type.id);
    EXPECT_TRUE(again.type.retention.is_permanent());
    EXPECT_GT(again.type.version, first.type.version);
    EXPECT_THAT(again.streams, IsEmpty());
}

TEST_F(RegistryStoreTest, SingleStreamsComeAndGo) {
    EXPECT_EQ(store_.put_stream("a:b", stream("s"), std::nullopt).error().kind, Refusal::Kind::not_found);
    const RegistrationResult type = put(registration());
    const Stream made = store_.put_stream("a:b", stream("s"), std::nullopt).value();
    EXPECT_EQ(made.owner_type, "a:b");
    EXPECT_GT(store_.load().types.at(0)->version, type.type.version);
    EXPECT_EQ(store_.put_stream("a:b", stream("s"), std::nullopt).value().version, made.version);
    EXPECT_EQ(store_.put_stream("a:b", stream("s"), 5).error().kind, Refusal::Kind::precondition_failed);
    EXPECT_TRUE(store_.remove_stream(made.id));
    EXPECT_EQ(store_.remove_stream(made.id).error().kind, Refusal::Kind::not_found);
}

TEST_F(RegistryStoreTest, AStreamOfItsOwnCoversManyTypes) {
    StreamDefinition wanted = stream("all");
    wanted.types = TypeFilter::parse("a:*,b").value();
    const Stream made = store_.put_stream("", wanted, std::nullopt).value();
    append(database_.register_type("a:x"), 2);
    append(database_.register_type("c"), 2);
    append(database_.register_type("b"), 1);
    const Stream loaded = store_.load().streams.at(0);
    EXPECT_EQ(loaded.owner_type, "");
    EXPECT_THAT(loaded.definition.types.filters(), ElementsAre("a:*", "b"));
    EXPECT_EQ(store_.lag_events(loaded), 3);
    EXPECT_EQ(store_.put_stream("", wanted, std::nullopt).value().id, made.id);
}

TEST_F(RegistryStoreTest, PausingIsKept) {
    const Stream made = put(registration({{stream("s")}})).streams.at(0);
    EXPECT_TRUE(store_.set_paused(made.id, true).value().is_paused);
    EXPECT_TRUE(store_.load().streams.at(0).is_paused);
    EXPECT_FALSE(store_.set_paused(made.id, false).value().is_paused);
    EXPECT_EQ(store_.set_paused(StreamId{99}, true).error().kind, Refusal::Kind::not_found);
}

TEST_F(RegistryStoreTest, LagIsCountedUpToTenThousand) {
    const auto type = database_.register_type("a:b");
    Stream made = put(registration({{stream("s")}})).streams.at(0);
    for (int i = 0; i < 6; ++i) append(type, 2000);
    EXPECT_EQ(store_.lag_events(made), 10'000);
    made.cursor.position = Position{2001};
    EXPECT_EQ(store_.lag_events(made), 9'999);
}

TEST_F(RegistryStoreTest, TheTypeOfStreamStatesIsThereOnceAndStaysAsAnOperatorLeavesIt) {
    const auto find = [&]() -> EventTypePtr {
        for (const EventTypePtr& type : store_.load().types) {
            if (type->name == "headwater:stream-state") return type;
        }
        return nullptr;
    };
    const EventTypePtr made = find();
    ASSERT_TRUE(made);
    EXPECT_EQ(to_string(made->retention), "90days");
    const EventId sent = database_.append({make_new_event(made, "1")}).events.at(0).id;
    const EventPtr stored = database_->log_reader().find(sent).value();
    EXPECT_EQ(stored->expires_at - stored->created_at, std::chrono::days(90)) << "its partitions are there";

    Registration changed;
    changed.type = made->name;
    changed.retention = parse_retention("30days").value();
    changed.streams = {stream("s")};
    put(changed);
    database_->migrate();
    EXPECT_EQ(to_string(find()->retention), "30days");
    ASSERT_TRUE(store_.remove_type(made->name, std::nullopt));
    database_->migrate();
    EXPECT_FALSE(find());
}

TEST_F(RegistryStoreTest, RegistrationsAtTheSameMomentMakeOneType) {
    std::vector<std::jthread> threads;
    std::atomic<int> made{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { made += put(registration({{stream("s")}})).is_new ? 1 : 0; });
    }
    threads.clear();
    EXPECT_EQ(made, 1);
    EXPECT_THAT(store_.load().streams, SizeIs(1));
}

TEST_F(RegistryStoreTest, AChangeOfTtlCountsForEventsFromThenOn) {
    const auto before = database_.register_type("t", "1hour");
    append(before, 1);
    const auto after = database_.register_type("t", "2days");
    append(after, 1);
    const auto first = *database_->log_reader().find(EventId{1});
    const auto second = *database_->log_reader().find(EventId{2});
    EXPECT_EQ(first->expires_at - first->created_at, std::chrono::hours(1));
    EXPECT_EQ(second->expires_at - second->created_at, std::chrono::hours(48));
}

}  // namespace
}  // namespace headwater::testing
