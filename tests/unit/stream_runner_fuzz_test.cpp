// Whatever the destination, the log and the operator do, in any order: nothing is lost, the cursor never
// passes an event that was not confirmed, and order is kept as promised.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "core/stream_runner.hpp"
#include "tests/support/fake_stream_host.hpp"

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeStreamHost;
using Outcome = DeliveryResult::Outcome;

/// A log, a destination and an operator that draw what they do from a seed.
class RandomWorld {
  public:
    RandomWorld(StreamOrder order, unsigned seed) : random_(seed) {
        host_.window = draw(1, 20);
        host_.retries = {seconds(1), seconds(20)};
        stream_.id = StreamId{1};
        stream_.owner_type = "t";
        stream_.definition.source = "fake";
        stream_.definition.order = order;
        runner_ = std::make_unique<StreamRunner>(stream_, host_, Position{0});
    }

    void step() {
        switch (draw(0, 11)) {
            case 0:
            case 1:
            case 2:
                append(draw(1, 15));
                break;
            case 3:
            case 4:
            case 5:
            case 6:
                settle(random_outcome());
                break;
            case 7:
                pass(milliseconds(draw(1, 4000)));
                break;
            case 8:
                answer_read();
                break;
            case 9:
                if (draw(0, 3) == 0) fail_read();
                break;
            case 10:
                if (draw(0, 9) == 0) toggle_pause();
                break;
            case 11:
                if (draw(0, 5) == 0) lose_news(draw(1, 5));
                break;
        }
        check();
    }

    /// The destination is well again and everything is answered.
    void finish() {
        if (runner_->is_paused()) toggle_pause();
        for (int i = 0; i < 100'000 && cursor() < head_; ++i) {
            if (!host_.reads.empty()) answer_read();
            if (!host_.sent.empty()) {
                settle(Outcome::delivered);
            } else {
                pass(seconds(31));
            }
            check();
        }
        EXPECT_EQ(cursor(), head_);
        EXPECT_EQ(last_confirmed_.size(), static_cast<std::size_t>(head_));
    }

    /// In order up to repeats: of each event the last arrival counts, and those are in order.
    void check_strict_order() const {
        std::size_t before = 0;
        for (const auto& [id, arrival] : last_confirmed_) {
            EXPECT_GT(arrival, before) << "event " << id;
            before = arrival;
        }
    }
    void check_subject_order() const {
        std::map<std::int64_t, std::size_t> before;
        for (const auto& [id, arrival] : last_confirmed_) {
            EXPECT_GT(arrival, before[id % 3]) << "event " << id;
            before[id % 3] = arrival;
        }
    }

  private:
    std::size_t draw(std::size_t least, std::size_t most) {
        return std::uniform_int_distribution<std::size_t>(least, most)(random_);
    }
    Outcome random_outcome() {
        constexpr Outcome kOutcomes[] = {Outcome::delivered, Outcome::delivered,   Outcome::delivered,
                                         Outcome::failed,    Outcome::unavailable, Outcome::delivered,
                                         Outcome::delivered, Outcome::rejected};
        return kOutcomes[draw(0, 7)];
    }

    static EventPtr make(std::int64_t id) {
        auto event = std::make_shared<Event>();
        event->id = EventId{id};
        event->created_at = Timestamp(seconds(id));
        event->subject = std::to_string(id % 3);
        event->json = "{}";
        return event;
    }
    static Cursor at(std::int64_t id) { return {Position{id}, Timestamp(seconds(id))}; }
    StreamMoment moment() {
        return {.now = Timestamp(seconds(1)), .steady = steady_, .tail = at(head_), .is_tight = false};
    }
    std::int64_t cursor() { return runner_->cursor(at(head_)).position.value; }

    void append(std::size_t count) {
        const std::int64_t first = head_ + 1;
        head_ += static_cast<std::int64_t>(count);
        for (std::int64_t id = first; id <= head_; ++id) runner_->offer(make(id), moment());
        runner_->advance(moment());
    }
    /// Events that were appended but never offered.
    void lose_news(std::size_t count) {
        runner_->fall_behind(at(head_));
        head_ += static_cast<std::int64_t>(count);
        runner_->advance(moment());
    }
    void settle(Outcome outcome) {
        if (host_.sent.empty()) return;
        const std::size_t index = draw(0, host_.sent.size() - 1);
        const auto sent = host_.sent[index];
        host_.sent.erase(host_.sent.begin() + static_cast<std::ptrdiff_t>(index));
        // A destination takes what it takes in the order of sending, whenever its answer comes.
        if (outcome == Outcome::delivered)
            last_confirmed_[sent.event.value] = std::max(last_confirmed_[sent.event.value], sent.serial);
        DeliveryResult result;
        result.outcome = outcome;
        runner_->on_settled(sent.generation, sent.event, std::move(result), moment());
        runner_->advance(moment());
    }
    void pass(milliseconds time) {
        steady_ += time;
        runner_->advance(moment());
    }
    void answer_read() {
        if (host_.reads.empty()) return;
        const auto read = host_.reads.front();
        host_.reads.erase(host_.reads.begin());
        const std::int64_t through = read.what.through->value;
        const std::int64_t after = read.what.after.position.value;
        const std::int64_t last = std::min(through, after + static_cast<std::int64_t>(draw(1, 10)));
        LogPage page;
        for (std::int64_t id = after + 1; id <= last; ++id) page.events.push_back(make(id));
        page.is_last = last == through;
        runner_->on_page(read.generation, std::move(page));
        runner_->advance(moment());
    }
    void fail_read() {
        if (host_.reads.empty()) return;
        runner_->on_read_failed(host_.reads.front().generation, moment());
        host_.reads.erase(host_.reads.begin());
    }
    void toggle_pause() {
        stream_.is_paused = !stream_.is_paused;
        ++stream_.version;
        runner_->change(stream_, moment());
        runner_->advance(moment());
        // The sink of before is closed: what it had under way never arrives.
        std::erase_if(host_.sent, [&](const FakeStreamHost::Sent&) { return runner_->is_paused(); });
    }

    void check() {
        const std::int64_t now = cursor();
        EXPECT_GE(now, last_cursor_) << "the cursor went back";
        for (std::int64_t id = last_cursor_ + 1; id <= now; ++id) {
            EXPECT_TRUE(last_confirmed_.contains(id)) << "the cursor passed event " << id;
        }
        last_cursor_ = now;
        EXPECT_LE(host_.sent.size(), host_.window);
        EXPECT_LE(host_.reads.size(), 2U);
    }

    std::mt19937 random_;
    FakeStreamHost host_;
    Stream stream_;
    std::unique_ptr<StreamRunner> runner_;
    std::chrono::steady_clock::time_point steady_{seconds(1000)};
    std::int64_t head_ = 0;
    std::int64_t last_cursor_ = 0;
    std::map<std::int64_t, std::size_t> last_confirmed_;  // event to the place of its last arrival
};

class StreamRunnerFuzz : public ::testing::TestWithParam<StreamOrder> {};

TEST_P(StreamRunnerFuzz, LosesNothingAndKeepsItsOrder) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomWorld world(GetParam(), seed);
        for (int i = 0; i < 400; ++i) world.step();
        world.finish();
        if (GetParam() == StreamOrder::strict) world.check_strict_order();
        if (GetParam() == StreamOrder::subject) world.check_subject_order();
        if (::testing::Test::HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Orders, StreamRunnerFuzz,
                         ::testing::Values(StreamOrder::loose, StreamOrder::subject, StreamOrder::strict),
                         [](const auto& order) { return std::string(to_string(order.param)); });

}  // namespace
}  // namespace headwater
