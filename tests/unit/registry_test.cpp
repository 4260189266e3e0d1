#include "core/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater {
namespace {

using testing::ElementsAre;

/// Holds one snapshot and counts the loads; changes nothing.
class FakeStore final : public RegistryStore {
  public:
    RegistrySnapshot snapshot;
    int loads = 0;

    RegistrySnapshot load() override {
        ++loads;
        return snapshot;
    }
    std::int64_t generation() override { return snapshot.generation; }
    std::expected<RegistrationResult, Refusal> put(const Registration&) override {
        return std::unexpected(Refusal{});
    }
    std::expected<std::vector<Stream>, Refusal> remove_type(std::string_view,
                                                            std::optional<std::int64_t>) override {
        return std::unexpected(Refusal{});
    }
    std::expected<Stream, Refusal> put_stream(std::string_view, const StreamDefinition&,
                                              std::optional<std::int64_t>) override {
        return std::unexpected(Refusal{});
    }
    std::expected<Stream, Refusal> remove_stream(StreamId) override { return std::unexpected(Refusal{}); }
    std::expected<Stream, Refusal> set_paused(StreamId, bool) override { return std::unexpected(Refusal{}); }
    std::int64_t lag_events(const Stream&) override { return 0; }
};

EventTypePtr type(std::string name) {
    auto made = std::make_shared<EventType>();
    made->name = std::move(name);
    return made;
}

Stream stream(std::int64_t id, std::string owner) {
    Stream made{};
    made.id = {id};
    made.owner_type = std::move(owner);
    return made;
}

TEST(RegistryView, FindsTypesAndStreams) {
    const RegistryView view(
        {3, {type("b"), type("a:b"), type("a")}, {stream(9, "a"), stream(2, ""), stream(5, "a")}});
    EXPECT_EQ(view.generation(), 3);
    EXPECT_EQ(view.find_type("a:b")->name, "a:b");
    EXPECT_EQ(view.find_type("c"), nullptr);
    EXPECT_EQ(view.types().front()->name, "a");
    EXPECT_EQ(view.types().back()->name, "b");
    EXPECT_THAT(view.streams_of("a"), ElementsAre(testing::Field(&Stream::id, StreamId{5}),
                                                  testing::Field(&Stream::id, StreamId{9})));
    EXPECT_TRUE(view.streams_of("").empty());
    EXPECT_EQ(view.find_stream({2})->owner_type, "");
    EXPECT_EQ(view.find_stream({3}), nullptr);
}

TEST(Registry, IsEmptyBeforeTheFirstLoad) {
    FakeStore store;
    const Registry registry(store);
    ASSERT_NE(registry.view(), nullptr);
    EXPECT_TRUE(registry.view()->types().empty());
}

TEST(Registry, LoadsTheFirstTimeAndWhenTheGenerationChanges) {
    FakeStore store;
    Registry registry(store);
    registry.refresh();
    EXPECT_EQ(store.loads, 1);
    registry.refresh();
    EXPECT_EQ(store.loads, 1);
    store.snapshot = {4, {type("a")}, {}};
    EXPECT_NE(registry.refresh()->find_type("a"), nullptr);
    EXPECT_EQ(store.loads, 2);
    EXPECT_EQ(registry.view()->generation(), 4);
}

TEST(Registry, TellsItsListenersOfEachNewView) {
    FakeStore store;
    Registry registry(store);
    std::vector<std::int64_t> heard;
    registry.add_listener([&](const RegistryViewPtr& view) { heard.push_back(view->generation()); });
    registry.refresh();
    registry.refresh();
    store.snapshot.generation = 7;
    registry.refresh();
    EXPECT_THAT(heard, ElementsAre(0, 7));
}

TEST(Registry, KeepsAnOldViewAliveForItsReaders) {
    FakeStore store;
    store.snapshot = {1, {type("a")}, {}};
    Registry registry(store);
    const auto old = registry.refresh();
    store.snapshot = {2, {}, {}};
    registry.refresh();
    EXPECT_EQ(old->find_type("a")->name, "a");
    EXPECT_EQ(registry.view()->find_type("a"), nullptr);
}

}  // namespace
}  // namespace headwater
