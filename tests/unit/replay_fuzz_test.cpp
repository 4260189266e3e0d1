// A replay of a range and one of dead events, wherever the process is killed and whatever the destination
// says: every event of the range comes again, or has a row; no saved cursor passes one that does not.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "core/stream_slot.hpp"
#include "tests/support/fake_stream_host.hpp"

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeStreamHost;
using Outcome = DeliveryResult::Outcome;

constexpr std::int64_t kHead = 80;

class ReplayWorld {
  public:
    ReplayWorld(StreamOrder order, unsigned seed) : random_(seed) {
        host_.window = draw(1, 24);
        host_.retries = {seconds(1), seconds(10)};
        stream_.id = StreamId{1};
        stream_.owner_type = "t";
        stream_.definition.source = "fake";
        stream_.definition.order = order;
        const auto after = static_cast<std::int64_t>(draw(0, 30));
        const auto through = after + static_cast<std::int64_t>(draw(1, 40));
        const auto rate = draw(0, 1) == 0 ? std::optional<int>() : std::optional<int>(draw(1, 100));
        replays_.push_back(make_replay(1, after, through, false, rate));
        replays_.push_back(make_replay(2, 0, kHead, true, std::nullopt));
        for (std::int64_t id = 1; id <= kHead; id += 7) rows_[EventId{id}] = dead_row(id);
        died_ = std::set<EventId>();
        for (const auto& [id, row] : rows_) died_.insert(id);
        begin_life();
    }

    void step() {
        switch (draw(0, 9)) {
            case 0:
            case 1:
            case 2:
                settle(random_outcome());
                break;
            case 3:
                pass(milliseconds(draw(1, 3000)));
                break;
            case 4:
            case 5:
                answer();
                break;
            case 6:
                saving_ = slot_->take_progress(moment());
                if (draw(0, 3) != 0) store(*saving_);
                slot_->on_saved(draw(0, 3) != 0 && is_stored_);
                break;
            case 7:
                if (draw(0, 9) == 0) crash();
                break;
            case 8:
                if (draw(0, 9) == 0) toggle_pause();
                break;
            case 9:
                if (draw(0, 5) == 0) fail_reads();
                break;
        }
        is_stored_ = false;
        slot_->advance(moment());
        EXPECT_LE(host_.sent.size(), host_.window + 1 + host_.window / 4);
    }

    void finish() {
        if (stream_.is_paused) toggle_pause();
        for (int i = 0; i < 20'000 && !is_finished(); ++i) {
            answer();
            store(slot_->take_progress(moment()));
            slot_->on_saved(true);
            settle(Outcome::delivered);
            pass(seconds(1));
        }
        const Replay& range = replays_[0];
        EXPECT_EQ(range.state, ReplayState::done);
        for (std::int64_t id = range.what.after.value + 1; id <= range.what.through.value; ++id) {
            EXPECT_TRUE(has_come(id) || rows_.contains(EventId{id})) << "event " << id;
        }
        EXPECT_EQ(replays_[1].state, ReplayState::done);
        for (const EventId id : died_) {
            const auto row = rows_.find(id);
            const bool is_dead = row != rows_.end() && row->second.state == FailingState::dead;
            EXPECT_TRUE(is_dead || has_come(id.value)) << "dead event " << id.value;
        }
    }

  private:
    std::size_t draw(std::size_t least, std::size_t most) {
        return std::uniform_int_distribution<std::size_t>(least, most)(random_);
    }
    Outcome random_outcome() {
        constexpr Outcome kOutcomes[] = {Outcome::delivered, Outcome::delivered,   Outcome::delivered,
                                         Outcome::failed,    Outcome::unavailable, Outcome::rejected};
        return kOutcomes[draw(0, 5)];
    }
    static Cursor at(std::int64_t id) { return {Position{id}, Timestamp(seconds(id))}; }
    static EventPtr make(std::int64_t id) {
        auto event = std::make_shared<Event>();
        event->id = EventId{id};
        event->created_at = Timestamp(seconds(id));
        event->subject = std::to_string(id % 3);
        event->json = "{}";
        return event;
    }
    static Replay make_replay(std::int64_t id, std::int64_t after, std::int64_t through, bool only_dead,
                              std::optional<int> rate) {
        Replay replay;
        replay.id = ReplayId{id};
        replay.stream = StreamId{1};
        replay.what = {
            .after = Position{after}, .through = Position{through}, .only_dead = only_dead, .rate = rate};
        replay.cursor = at(after);
        return replay;
    }
    static FailingEvent dead_row(std::int64_t id) {
        return {.id = EventId{id},
                .at = Timestamp(seconds(id)),
                .subject = std::to_string(id % 3),
                .state = FailingState::dead,
                .attempts = 3,
                .next_attempt = {},
                .last_error = "no",
                .died_at = Timestamp(seconds(1))};
    }
    StreamMoment moment() const {
        return {.now = Timestamp(
                    std::chrono::duration_cast<std::chrono::microseconds>(steady_.time_since_epoch())),
                .steady = steady_,
                .tail = at(kHead),
                .is_tight = false};
    }
    bool is_finished() const {
        for (const Replay& replay : replays_) {
            if (replay.state == ReplayState::running) return false;
        }
        for (const auto& [id, row] : rows_) {
            if (row.state != FailingState::dead) return false;
        }
        return host_.sent.empty();
    }

    void begin_life() {
        slot_ = std::make_unique<StreamSlot>(
            stream_, ClaimedStream{stream_.id, 1, at(kHead), StreamState::running, true}, host_, Position{});
        slot_->advance(moment());
    }
    void crash() {
        for (const auto& sent : host_.sent) {
            if (draw(0, 1) == 0) note(sent);
        }
        host_.sent.clear();
        host_.reads.clear();
        host_.finds.clear();
        host_.work_reads.clear();
        host_.dead_reads.clear();
        begin_life();
    }
    void toggle_pause() {
        stream_.is_paused = !stream_.is_paused;
        ++stream_.version;
        slot_->change(stream_, moment());
        slot_->advance(moment());
        if (stream_.is_paused) host_.sent.clear();
    }
    /// By either: what fails in the one may be revived by the other.
    bool has_come(std::int64_t id) const { return came_.contains({id, 1}) || came_.contains({id, 2}); }
    void note(const FakeStreamHost::Sent& sent) { came_.insert({sent.event.value, sent.replay.value}); }
    void settle(Outcome outcome) {
        if (host_.sent.empty()) return;
        const std::size_t index = draw(0, host_.sent.size() - 1);
        const auto sent = host_.sent[index];
        host_.sent.erase(host_.sent.begin() + static_cast<std::ptrdiff_t>(index));
        if (outcome == Outcome::delivered) note(sent);
        DeliveryResult result;
        result.outcome = outcome;
        slot_->on_settled(sent.runner, sent.lane, sent.event, result, moment());
        slot_->advance(moment());
    }
    void pass(milliseconds time) {
        steady_ += time;
        slot_->advance(moment());
    }
    void answer() {
        if (!host_.reads.empty()) {
            const auto read = host_.reads.front();
            host_.reads.erase(host_.reads.begin());
            const std::int64_t through = read.what.through->value;
            const std::int64_t after = read.what.after.position.value;
            const std::int64_t last = std::min(through, after + static_cast<std::int64_t>(draw(1, 10)));
            LogPage page;
            for (std::int64_t id = after + 1; id <= last; ++id) page.events.push_back(make(id));
            page.is_last = last >= through;
            slot_->on_page(read.runner, std::move(page), moment());
        }
        if (!host_.finds.empty()) {
            const auto find = host_.finds.front();
            host_.finds.erase(host_.finds.begin());
            std::vector<EventPtr> found;
            for (const Cursor& event : find.events) found.push_back(make(event.position.value));
            slot_->runner().on_found(find.runner.generation, std::move(found), moment());
        }
        if (!host_.work_reads.empty()) {
            const auto read = host_.work_reads.front();
            host_.work_reads.erase(host_.work_reads.begin());
            slot_->on_work(read.runner, work_after(read.bound), moment());
        }
        if (!host_.dead_reads.empty()) {
            const auto read = host_.dead_reads.front();
            host_.dead_reads.erase(host_.dead_reads.begin());
            slot_->on_dead(read.runner, dead_before(read.bound, draw(1, 3)), moment());
        }
        slot_->advance(moment());
    }
    StreamWork work_after(EventId after) const {
        StreamWork work;
        for (const auto& [id, row] : rows_) {
            if (id > after && row.state != FailingState::dead) work.failing.push_back(row);
        }
        for (const Replay& replay : replays_) {
            if (replay.state == ReplayState::running) work.replays.push_back(replay);
        }
        return work;
    }
    DeadPage dead_before(EventId before, std::size_t limit) const {
        DeadPage page;
        for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
            if (row->first >= before || row->second.state != FailingState::dead) continue;
            page.has_more = page.events.size() == limit;
            if (page.has_more) break;
            page.events.push_back(row->second);
        }
        return page;
    }
    void fail_reads() {
        if (!host_.reads.empty()) {
            slot_->on_page(host_.reads.front().runner, std::nullopt, moment());
            host_.reads.erase(host_.reads.begin());
        }
        if (!host_.dead_reads.empty()) {
            slot_->on_dead(host_.dead_reads.front().runner, std::nullopt, moment());
            host_.dead_reads.erase(host_.dead_reads.begin());
        }
    }
    void store(const StreamProgress& progress) {
        is_stored_ = true;
        for (const EventId id : progress.settled) rows_.erase(id);
        for (const FailingEvent& row : progress.failing) rows_[row.id] = row;
        for (const ReplayProgress& one : progress.replays) {
            Replay& replay = replays_[static_cast<std::size_t>(one.id.value - 1)];
            const Cursor before = replay.cursor;
            replay.cursor = std::max(replay.cursor, one.cursor);
            replay.delivered = one.delivered;
            if (one.is_done) replay.state = ReplayState::done;
            if (replay.what.only_dead) continue;
            const std::int64_t last = std::min(replay.cursor.position, replay.what.through).value;
            for (std::int64_t id = before.position.value + 1; id <= last; ++id) {
                EXPECT_TRUE(has_come(id) || rows_.contains(EventId{id}))
                    << "the replay's cursor passed event " << id;
            }
        }
    }

    std::mt19937 random_;
    FakeStreamHost host_;
    Stream stream_;
    std::unique_ptr<StreamSlot> slot_;
    std::chrono::steady_clock::time_point steady_{seconds(1000)};
    std::set<std::pair<std::int64_t, std::int64_t>> came_;  // event and replay
    std::set<EventId> died_;
    // The store.
    std::vector<Replay> replays_;
    std::map<EventId, FailingEvent> rows_;
    std::optional<StreamProgress> saving_;
    bool is_stored_ = false;
};

class ReplayFuzz : public ::testing::TestWithParam<StreamOrder> {};

TEST_P(ReplayFuzz, BringsEveryEventOfItsRangeAgain) {
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        ReplayWorld world(GetParam(), seed);
        for (int i = 0; i < 300; ++i) world.step();
        world.finish();
        if (::testing::Test::HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Orders, ReplayFuzz,
                         ::testing::Values(StreamOrder::loose, StreamOrder::subject, StreamOrder::strict),
                         [](const auto& order) { return std::string(to_string(order.param)); });

}  // namespace
}  // namespace headwater
