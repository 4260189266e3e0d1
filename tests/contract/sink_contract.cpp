#include "tests/contract/sink_contract.hpp"

#include <algorithm>

namespace headwater::testing {

TEST_P(SinkContract, DeliversExactlyTheEventsBytes) {
    const EventPtr event = make_sink_event(1, R"({"text":"\u0000 ä 😀","n":1.10e2,"b":1,"a":2})");
    const DeliveryResult result = settlements_.try_one(*sink_, event);
    EXPECT_EQ(result.outcome, Outcome::delivered) << result.reason;
    EXPECT_EQ(result.reason, "");
    EXPECT_GT(result.duration.count(), 0);
    EXPECT_THAT(tested_->received(), ::testing::ElementsAre(event->json));
}

TEST_P(SinkContract, DeliversALargeEvent) {
    const EventPtr event = make_sink_event(1, "\"" + std::string(1 << 20, 'x') + "\"");
    EXPECT_EQ(settlements_.try_one(*sink_, event).outcome, Outcome::delivered);
    EXPECT_THAT(tested_->received(), ::testing::ElementsAre(event->json));
}

TEST_P(SinkContract, SettlesAFullWindowOnceEach) {
    const auto count = static_cast<std::int64_t>(std::min<std::size_t>(sink_->window(), 300));
    ASSERT_GT(count, 0);
    std::vector<std::string> bodies;
    for (std::int64_t id = 1; id <= count; ++id) {
        const EventPtr event = make_sink_event(id);
        bodies.push_back(event->json);
        sink_->deliver(settlements_.delivery_of(event));
    }
    ASSERT_TRUE(settlements_.wait_for(static_cast<std::size_t>(count)));
    sink_.reset();
    std::set<EventId> settled;
    for (const auto& [id, result] : settlements_.all()) {
        EXPECT_EQ(result.outcome, Outcome::delivered) << result.reason;
        EXPECT_TRUE(settled.insert(id).second) << "settled twice";
    }
    EXPECT_THAT(tested_->received(), ::testing::UnorderedElementsAreArray(bodies));
}

TEST_P(SinkContract, SaysWhyAnEventWasRefusedAndDeliversItLater) {
    tested_->refuse();
    const EventPtr event = make_sink_event(1);
    const DeliveryResult refused = settlements_.try_one(*sink_, event);
    EXPECT_EQ(refused.outcome, Outcome::failed);
    EXPECT_NE(refused.reason, "");
    EXPECT_NE(refused.status, 0);
    tested_->accept();
    EXPECT_EQ(settlements_.try_one(*sink_, event).outcome, Outcome::delivered);
    EXPECT_THAT(received_once(), ::testing::Contains(event->json));
}

TEST_P(SinkContract, RecoversByItselfAfterTheDestinationWasAway) {
    EXPECT_EQ(settlements_.try_one(*sink_, make_sink_event(1)).outcome, Outcome::delivered);
    tested_->take_away();
    for (int i = 0; i < 2; ++i) {
        const DeliveryResult result = settlements_.try_one(*sink_, make_sink_event(2));
        EXPECT_TRUE(result.outcome == Outcome::unavailable || result.outcome == Outcome::failed);
        EXPECT_NE(result.reason, "");
    }
    tested_->bring_back();
    EXPECT_TRUE(eventually(kPatience, [&] {
        return settlements_.try_one(*sink_, make_sink_event(2)).outcome == Outcome::delivered;
    }));
    EXPECT_THAT(received_once(), ::testing::ElementsAre(make_sink_event(1)->json, make_sink_event(2)->json));
}

TEST_P(SinkContract, OpensWhileTheDestinationIsAway) {
    tested_->take_away();
    const std::unique_ptr<Sink> late = open();
    ASSERT_NE(late, nullptr);
    EXPECT_NE(settlements_.try_one(*late, make_sink_event(1)).outcome, Outcome::delivered);
    EXPECT_TRUE(tested_->type().verify(destination_)) << "a destination that is away may come later";
    tested_->bring_back();
    EXPECT_TRUE(eventually(kPatience, [&] {
        return settlements_.try_one(*late, make_sink_event(1)).outcome == Outcome::delivered;
    }));
}

TEST_P(SinkContract, SettlesWhatIsUnderWayWhenItIsClosed) {
    EXPECT_EQ(settlements_.try_one(*sink_, make_sink_event(1)).outcome, Outcome::delivered);
    tested_->fall_silent();
    for (std::int64_t id = 2; id <= 6; ++id) sink_->deliver(settlements_.delivery_of(make_sink_event(id)));
    const auto begin = std::chrono::steady_clock::now();
    sink_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(6));
    ASSERT_TRUE(settlements_.wait_for(6));
    const auto all = settlements_.all();
    EXPECT_EQ(all.size(), 6U);
    for (std::size_t i = 1; i < all.size(); ++i) EXPECT_EQ(all[i].second.outcome, Outcome::unavailable);
}

TEST_P(SinkContract, ClosingOneStreamLeavesTheOthersAlone) {
    const std::unique_ptr<Sink> other = open();
    for (std::int64_t id = 1; id <= 10; ++id) {
        sink_->deliver(settlements_.delivery_of(make_sink_event(id)));
        other->deliver(settlements_.delivery_of(make_sink_event(100 + id)));
    }
    sink_.reset();
    ASSERT_TRUE(settlements_.wait_for(20));
    for (const auto& [id, result] : settlements_.all()) {
        if (id.value <= 100) continue;
        EXPECT_EQ(result.outcome, Outcome::delivered) << result.reason;
    }
    EXPECT_EQ(settlements_.try_one(*other, make_sink_event(200)).outcome, Outcome::delivered);
}

TEST_P(SinkContract, ReportsEveryMistakeWithItsPointer) {
    const auto [json, pointers] = tested_->mistaken_json();
    const auto parsed = tested_->type().parse(json, std::nullopt);
    ASSERT_FALSE(parsed);
    std::set<std::string> found;
    for (const FieldError& error : parsed.error()) {
        found.insert(error.pointer);
        EXPECT_NE(error.detail, "");
    }
    EXPECT_EQ(found, pointers);
}

TEST_P(SinkContract, ReadsItsOwnCanonicalFormAsTheSameDestination) {
    const auto again = tested_->type().parse(destination_, destination_);
    ASSERT_TRUE(again) << again.error().front().detail;
    EXPECT_EQ(again->json, destination_);
    EXPECT_EQ(again->shown_once, "");
    EXPECT_NE(again->default_name, "");
    EXPECT_EQ(tested_->type().describe(destination_).find("whsec_"), std::string::npos);
}

}  // namespace headwater::testing
