#include "core/dispatcher_inbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater {
namespace {

EventBatch batch(std::int64_t id, const std::string& type, std::size_t bytes) {
    auto event = std::make_shared<Event>();
    event->id = EventId{id};
    event->type = type;
    event->json = std::string(bytes, 'x');
    return std::make_shared<const std::vector<EventPtr>>(std::vector<EventPtr>{event});
}

TEST(DispatcherInbox, HandsOverEverythingAtOnce) {
    DispatcherInbox inbox;
    inbox.post_events(batch(1, "a", 10), Position{1});
    inbox.post_events(batch(2, "b", 10), Position{5});
    inbox.post(DispatcherInbox::Settlement{{StreamId{1}, {}, 1}, Lane::flow, EventId{1}, {}});
    const auto messages = inbox.wait_until(std::nullopt);
    EXPECT_EQ(messages.tail.batches.size(), 2U);
    EXPECT_EQ(messages.tail.upto->position.value, 5);
    EXPECT_EQ(messages.settlements.size(), 1U);
    EXPECT_FALSE(messages.is_stopping);
}

TEST(DispatcherInbox, KeepsOnlyTheTypesOfEventsBeyondItsBound) {
    DispatcherInbox inbox;
    inbox.post_events(batch(1, "a", 10), Position{1});
    inbox.post_events(batch(2, "b", DispatcherInbox::kMaxTailBytes), Position{2});
    inbox.post_events(batch(3, "c", 10), Position{3});
    const auto full = inbox.wait_until(std::nullopt);
    EXPECT_TRUE(full.tail.batches.empty());
    EXPECT_THAT(full.tail.lost_types, ::testing::ElementsAre("a", "b", "c"));
    EXPECT_EQ(full.tail.upto->position.value, 3);
    inbox.post_events(batch(4, "a", 10), Position{4});
    EXPECT_EQ(inbox.wait_until(std::nullopt).tail.batches.size(), 1U);
}

TEST(DispatcherInbox, ComesBackWithNothingWhenTheTimeIsOver) {
    DispatcherInbox inbox;
    const auto messages = inbox.wait_until(std::chrono::steady_clock::now());
    EXPECT_FALSE(messages.tail.upto);
}

}  // namespace
}  // namespace headwater
