// Whatever the destination, the log, the store and the operator do, in any order, and wherever the process is
// killed: every event is delivered at least once or dead, the stored cursor never passes one that is neither
// confirmed nor in a row, and order is kept as promised.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/stream_runner.hpp"
#include "tests/support/fake_stream_host.hpp"

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeStreamHost;
using Outcome = DeliveryResult::Outcome;

/// A log, a store, a destination and an operator that draw what they do from a seed.
class RandomWorld {
  public:
    RandomWorld(StreamOrder order, unsigned seed) : random_(seed) {
        host_.window = draw(1, 20);
        host_.retries = {seconds(1), seconds(20)};
        stream_.id = StreamId{1};
        stream_.owner_type = "t";
        stream_.definition.source = "fake";
        stream_.definition.order = order;
        begin_life();
    }

    void step() {
        switch (draw(0, 16)) {
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
                if (draw(0, 3) == 0) fail_reads();
                break;
            case 10:
                if (draw(0, 9) == 0) toggle_pause();
                break;
            case 11:
                if (draw(0, 5) == 0) lose_news(draw(1, 5));
                break;
            case 12:
                begin_save();
                break;
            case 13:
                end_save(draw(0, 3) == 0 ? Save::lost : draw(0, 3) == 0 ? Save::answer_lost : Save::stored);
                break;
            case 14:
                answer_rows();
                break;
            case 15:
                if (draw(0, 9) == 0) crash();
                if (draw(0, 19) == 0) toggle_lease();
                break;
            case 16:
                if (draw(0, 2) == 0) operate();
                break;
        }
        check();
    }

    /// The destination is well again and everything is answered.
    void finish() {
        host_.has_lease = true;
        if (runner_->is_paused()) toggle_pause();
        skip_.reset();
        for (int i = 0; i < 100'000 && !is_finished(); ++i) {
            answer_read();
            answer_rows();
            begin_save();
            end_save(Save::stored);
            if (!host_.sent.empty()) {
                settle(Outcome::delivered);
            } else {
                pass(seconds(31));
            }
            check();
        }
        EXPECT_EQ(stored_cursor_, head_);
        for (std::int64_t id = 1; id <= head_; ++id) {
            EXPECT_TRUE(arrivals_.contains(id) || is_dead(id)) << "event " << id;
        }
        EXPECT_EQ(runner_->status(moment()).set_aside, 0U);
    }

    /// In order up to repeats: of each event the last arrival counts, and those are in order. Dead events,
    /// and those that an operator gave up or revived, are out of it.
    void check_order(std::int64_t subjects) const {
        std::map<std::int64_t, std::size_t> before;
        for (const auto& [id, arrival] : arrivals_) {
            if (out_of_order_.contains(id) || is_dead(id)) continue;
            EXPECT_GT(arrival, before[id % subjects]) << "event " << id;
            before[id % subjects] = arrival;
        }
    }

  private:
    enum class Save { stored, lost, answer_lost };

    std::size_t draw(std::size_t least, std::size_t most) {
        return std::uniform_int_distribution<std::size_t>(least, most)(random_);
    }
    Outcome random_outcome() {
        constexpr Outcome kOutcomes[] = {Outcome::delivered, Outcome::delivered,   Outcome::delivered,
                                         Outcome::failed,    Outcome::unavailable, Outcome::delivered,
                                         Outcome::failed,    Outcome::rejected};
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
        return {.now = Timestamp(std::chrono::duration_cast<seconds>(steady_.time_since_epoch())),
                .steady = steady_,
                .tail = at(head_),
                .is_tight = false};
    }
    bool is_dead(std::int64_t id) const {
        const auto row = rows_.find(EventId{id});
        return row != rows_.end() && row->second.state == FailingState::dead;
    }
    bool is_finished() const {
        return stored_cursor_ == head_ && host_.sent.empty() &&
               std::ranges::all_of(rows_,
                                   [](const auto& row) { return row.second.state == FailingState::dead; });
    }

    void begin_life() {
        stream_.cursor = at(stored_cursor_);
        runner_ = std::make_unique<StreamRunner>(stream_, host_, Position{0}, FailingLane::Rows::reads);
        runner_->advance(moment());
    }
    /// The process is killed. What it had sent may have arrived, or may not.
    void crash() {
        for (const auto& sent : host_.sent) {
            if (draw(0, 1) == 0) note_arrival(sent);
        }
        host_.sent.clear();
        host_.reads.clear();
        host_.finds.clear();
        host_.work_reads.clear();
        saving_.reset();
        begin_life();
    }
    void toggle_lease() {
        host_.has_lease = !host_.has_lease;
        runner_->advance(moment());
    }

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
    /// A destination takes what it takes in the order of sending, whenever its answer comes.
    void note_arrival(const FakeStreamHost::Sent& sent) {
        arrivals_[sent.event.value] = std::max(arrivals_[sent.event.value], sent.serial);
    }
    void settle(Outcome outcome) {
        if (host_.sent.empty()) return;
        const std::size_t index = draw(0, host_.sent.size() - 1);
        const auto sent = host_.sent[index];
        host_.sent.erase(host_.sent.begin() + static_cast<std::ptrdiff_t>(index));
        if (outcome == Outcome::delivered) note_arrival(sent);
        DeliveryResult result;
        result.outcome = outcome;
        runner_->on_settled(sent.runner.generation, sent.lane, sent.event, result, moment());
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
        runner_->on_page(read.runner.generation, std::move(page));
        runner_->advance(moment());
    }
    void answer_rows() {
        if (!host_.work_reads.empty()) {
            const auto read = host_.work_reads.front();
            host_.work_reads.erase(host_.work_reads.begin());
            runner_->on_work(read.runner.generation, work_after(read.bound, draw(1, 4)), moment());
        }
        if (!host_.finds.empty()) {
            const auto find = host_.finds.front();
            host_.finds.erase(host_.finds.begin());
            std::vector<EventPtr> found;
            for (const Cursor& event : find.events) found.push_back(make(event.position.value));
            runner_->on_found(find.runner.generation, std::move(found), moment());
        }
        runner_->advance(moment());
    }
    StreamWork work_after(EventId after, std::size_t limit) const {
        StreamWork work;
        work.skip = skip_;
        for (const auto& [id, row] : rows_) {
            if (id <= after || row.state == FailingState::dead) continue;
            work.has_more_failing = work.failing.size() == limit;
            if (work.has_more_failing) break;
            work.failing.push_back(row);
        }
        return work;
    }
    void fail_reads() {
        if (!host_.reads.empty()) {
            runner_->on_read_failed(host_.reads.front().runner.generation, moment());
            host_.reads.erase(host_.reads.begin());
        }
        if (!host_.work_reads.empty()) {
            runner_->on_work(host_.work_reads.front().runner.generation, std::nullopt, moment());
            host_.work_reads.erase(host_.work_reads.begin());
        }
        if (!host_.finds.empty()) {
            runner_->on_found(host_.finds.front().runner.generation, std::nullopt, moment());
            host_.finds.erase(host_.finds.begin());
        }
    }

    void begin_save() {
        if (!saving_) saving_ = runner_->take_progress(moment());
    }
    void end_save(Save how) {
        if (!saving_) return;
        if (how != Save::lost) store(*saving_);
        saving_.reset();
        runner_->on_saved(how == Save::stored);
        runner_->advance(moment());
    }
    void store(const StreamProgress& progress) {
        stored_cursor_ = std::max(stored_cursor_, progress.cursor.position.value);
        if (skip_ && skip_->value <= stored_cursor_) skip_.reset();
        for (const EventId id : progress.settled) {
            EXPECT_TRUE(arrivals_.contains(id.value)) << "event " << id.value << " lost its row";
            rows_.erase(id);
        }
        for (const FailingEvent& row : progress.failing) {
            const auto undone = undone_deaths_.find(row.id);
            if (row.died_at && undone != undone_deaths_.end() && undone->second == row.died_at) continue;
            rows_[row.id] = row;
        }
    }

    void operate() {
        std::vector<EventId> dead;
        for (const auto& [id, row] : rows_) {
            if (row.state == FailingState::dead) dead.push_back(id);
        }
        if (stream_.definition.order == StreamOrder::strict && draw(0, 1) == 0) {
            if (stored_cursor_ == head_) return;
            skip_ = EventId{stored_cursor_ + 1};
            out_of_order_.insert(skip_->value);
        } else if (!dead.empty()) {
            FailingEvent& row = rows_.at(dead[draw(0, dead.size() - 1)]);
            undone_deaths_[row.id] = *row.died_at;
            row.state = FailingState::retrying;
            row.attempts = 0;
            row.died_at.reset();
            row.next_attempt = moment().now;
            out_of_order_.insert(row.id.value);
        }
        runner_->want_work();
        runner_->advance(moment());
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
        EXPECT_GE(stored_cursor_, last_cursor_);
        for (std::int64_t id = last_cursor_ + 1; id <= stored_cursor_; ++id) {
            EXPECT_TRUE(arrivals_.contains(id) || rows_.contains(EventId{id}))
                << "the cursor passed event " << id;
        }
        last_cursor_ = stored_cursor_;
        EXPECT_LE(host_.sent.size(), host_.window);
    }

    std::mt19937 random_;
    FakeStreamHost host_;
    Stream stream_;
    std::unique_ptr<StreamRunner> runner_;
    std::chrono::steady_clock::time_point steady_{seconds(1000)};
    std::int64_t head_ = 0;
    std::int64_t last_cursor_ = 0;
    std::map<std::int64_t, std::size_t> arrivals_;  // event to the place of its last arrival
    std::set<std::int64_t> out_of_order_;
    // The store.
    std::int64_t stored_cursor_ = 0;
    std::map<EventId, FailingEvent> rows_;
    std::map<EventId, Timestamp> undone_deaths_;
    std::optional<EventId> skip_;
    std::optional<StreamProgress> saving_;
};

class StreamRunnerFuzz : public ::testing::TestWithParam<StreamOrder> {};

TEST_P(StreamRunnerFuzz, LosesNothingAndKeepsItsOrder) {
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomWorld world(GetParam(), seed);
        for (int i = 0; i < 500; ++i) world.step();
        world.finish();
        if (GetParam() == StreamOrder::strict) world.check_order(1);
        if (GetParam() == StreamOrder::subject) world.check_order(3);
        if (::testing::Test::HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Orders, StreamRunnerFuzz,
                         ::testing::Values(StreamOrder::loose, StreamOrder::subject, StreamOrder::strict),
                         [](const auto& order) { return std::string(to_string(order.param)); });

}  // namespace
}  // namespace headwater
