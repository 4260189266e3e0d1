#include "core/acknowledger.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>

namespace headwater {
namespace {

class FakeAckStore final : public AckStore {
  public:
    void apply(std::span<const Acknowledgement* const> acknowledgements) override {
        if (++calls == 1) {
            entered.count_down();
            released.wait();
        }
        if (is_away) throw Unavailable("away");
        applied += acknowledgements.size();
    }
    bool forget(std::string_view) override { return false; }

    std::latch entered{1};
    std::latch released{1};
    std::atomic<int> calls = 0;
    std::atomic<std::size_t> applied = 0;
    std::atomic<bool> is_away = false;
};

std::future<std::expected<void, Refusal>> acknowledge(Acknowledger& acknowledger) {
    std::promise<std::expected<void, Refusal>> promise;
    auto answer = promise.get_future();
    acknowledger.submit(
        {.client = "c", .ids = {EventId{1}}, .through = {}, .types = {}},
        [p = std::move(promise)](std::expected<void, Refusal> a) mutable { p.set_value(std::move(a)); });
    return answer;
}

TEST(AcknowledgerTest, AppliesTogetherWhatQueuedUpMeanwhile) {
    FakeAckStore store;
    Acknowledger acknowledger(store);
    std::vector<std::future<std::expected<void, Refusal>>> answers;
    answers.push_back(acknowledge(acknowledger));
    store.entered.wait();
    for (int i = 0; i < 50; ++i) answers.push_back(acknowledge(acknowledger));
    store.released.count_down();
    for (auto& answer : answers) EXPECT_TRUE(answer.get());
    EXPECT_EQ(store.applied, 51u);
    EXPECT_EQ(store.calls, 2);
}

TEST(AcknowledgerTest, AnswersUnavailableAndGoesOn) {
    FakeAckStore store;
    store.released.count_down();
    store.is_away = true;
    Acknowledger acknowledger(store);
    const auto refused = acknowledge(acknowledger).get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refusal::Kind::unavailable);
    store.is_away = false;
    EXPECT_TRUE(acknowledge(acknowledger).get());
}

}  // namespace
}  // namespace headwater
