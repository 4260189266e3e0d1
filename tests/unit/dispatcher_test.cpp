#include "core/dispatcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/eventually.hpp"
#include "tests/support/memory_deliveries.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_streams.hpp"

namespace headwater {
namespace {

using std::chrono::seconds;
using testing::eventually;
using testing::make_new_event;
using testing::make_type;
using testing::MemoryDeliveries;
using testing::MemoryLog;
using testing::MemoryPauses;
using testing::MemorySinks;
using Way = MemorySinks::Way;

constexpr seconds kPatience{20};
constexpr std::int64_t kProcess = 7;

/// Counts the reads of a log.
class CountedLog final : public LogReader {
  public:
    explicit CountedLog(MemoryLog& log) : log_(log) {}
    LogPage read(const LogRead& what) override {
        reads.fetch_add(1);
        if (is_away) throw Unavailable("away");
        return log_.read(what);
    }
    std::optional<EventPtr> find(EventId id) override { return log_.find(id); }
    Cursor cursor_at(Position position) override { return log_.cursor_at(position); }
    LogHead head() override { return log_.head(); }
    LogHead advance_clock() override { return log_.advance_clock(); }

    std::atomic<int> reads = 0;
    std::atomic<bool> is_away = false;

  private:
    MemoryLog& log_;
};

class DispatcherTest : public ::testing::Test {
  protected:
    DispatcherTest() {
        auto memory = std::make_unique<MemorySinks>();
        sinks_ = memory.get();
        types_.push_back(std::move(memory));
        make_dispatcher();
    }
    void make_dispatcher() {
        dispatcher_ = std::make_unique<Dispatcher>(
            RunnerServices{types_, reader_, pauses_, deliveries_, pool_, clock_, metrics_}, outlets(),
            Dispatcher::Options{.node = "here"});
    }
    Dispatcher::Outlets outlets() {
        return {.release =
                    [this](StreamProgress stream) {
                        const StreamId id = stream.stream;
                        deliveries_.release(kProcess, std::vector{std::move(stream)});
                        dispatcher_->on_released({id});
                    },
                .announce =
                    [this](std::string payload, std::move_only_function<void(bool)> done) {
                        const std::lock_guard lock(mutex_);
                        announced_.push_back(std::move(payload));
                        done(true);
                    }};
    }
    ~DispatcherTest() override {
        sinks_->release();
        dispatcher_->stop();
        pool_.stop();
    }

    static Stream stream(std::int64_t id, std::string owner, StreamOrder order = StreamOrder::strict) {
        Stream made;
        made.id = StreamId{id};
        made.owner_type = std::move(owner);
        made.definition = {.name = "s" + std::to_string(id),
                           .source = "memory",
                           .destination = "d" + std::to_string(id),
                           .order = order,
                           .types = {},
                           .start = {}};
        return made;
    }
    /// Registers the streams, of which this process then claims its share.
    void apply(std::vector<Stream> streams) {
        for (const Stream& stream : streams) deliveries_.put(stream);
        renew();
        dispatcher_->apply(std::make_shared<const RegistryView>(
            RegistrySnapshot{.generation = ++generation_, .types = {}, .streams = std::move(streams)}));
    }
    void renew(seconds valid = seconds(3600)) {
        dispatcher_->on_lease({deliveries_.renew(kProcess, "here"), clock_.steady_now() + valid});
    }
    std::int64_t saved(std::int64_t id) { return deliveries_.cursor(StreamId{id}).position.value; }
    std::vector<std::string> announced() {
        const std::lock_guard lock(mutex_);
        return announced_;
    }
    /// Stores events as one commit; `is_handed_on`: the tail tells the dispatcher, as it does once it runs.
    void append(const std::string& type, int count, bool is_handed_on = true,
                const std::string& payload = "1") {
        std::vector<NewEvent> events;
        std::vector<const NewEvent*> pointers;
        for (int i = 0; i < count; ++i) events.push_back(make_new_event(make_type(type), payload));
        for (const NewEvent& event : events) pointers.push_back(&event);
        const AppendResult result = log_.append({1, ++batch_, pointers});
        if (!is_handed_on) return;
        LogPage page = log_.read({.after = {result.previous_head, {}}, .limit = 10'000});
        dispatcher_->on_events(std::make_shared<const std::vector<EventPtr>>(std::move(page.events)),
                               log_.head().position);
    }
    static std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
        std::vector<std::int64_t> ids(static_cast<std::size_t>(last - first + 1));
        std::iota(ids.begin(), ids.end(), first);
        return ids;
    }
    bool has_state(std::int64_t id, StreamState state) {
        return eventually(kPatience, [&] {
            const auto status = dispatcher_->status(StreamId{id});
            return status && status->state == state;
        });
    }

    MemoryLog log_;
    CountedLog reader_{log_};
    MemoryPauses pauses_;
    SystemClock clock_;
    MemoryDeliveries deliveries_{clock_};
    WorkPool pool_{"test", 2, 100};
    NullMetrics metrics_;
    SinkTypes types_;
    MemorySinks* sinks_ = nullptr;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::int64_t generation_ = 0;
    std::int64_t batch_ = 0;
    std::mutex mutex_;
    std::vector<std::string> announced_;  // guarded by mutex_
};

TEST_F(DispatcherTest, CarriesEventsOfATypeToItsStreamsAndSavesTheirCursors) {
    dispatcher_->start();
    apply({stream(1, "a"), stream(2, "a"), stream(3, "b")});
    append("a", 50);
    append("b", 10);
    append("a", 40);
    ASSERT_TRUE(sinks_->wait_for("d1", 90));
    ASSERT_TRUE(sinks_->wait_for("d2", 90));
    ASSERT_TRUE(sinks_->wait_for("d3", 10));
    EXPECT_EQ(sinks_->taken("d3"), range(51, 60));
    EXPECT_TRUE(eventually(kPatience, [&] { return saved(1) == 100 && saved(3) == 100; }));
    EXPECT_EQ(dispatcher_->status(StreamId{3})->cursor.position.value, 100);
    EXPECT_EQ(dispatcher_->status(StreamId{9}), std::nullopt);
}

TEST_F(DispatcherTest, ServesStreamsOverManyTypes) {
    Stream many = stream(1, "");
    many.definition.types = TypeFilter::parse("a:*").value();
    dispatcher_->start();
    apply({many});
    append("a:x", 1);
    append("b", 1);
    append("a:y", 1);
    ASSERT_TRUE(sinks_->wait_for("d1", 2));
    EXPECT_THAT(sinks_->taken("d1"), ::testing::ElementsAre(1, 3));
}

TEST_F(DispatcherTest, CatchesUpFromTheLogWhileNewEventsCome) {
    append("a", 5000, false);
    dispatcher_->start();
    apply({stream(1, "a")});
    for (int i = 0; i < 50; ++i) append("a", 20);
    ASSERT_TRUE(sinks_->wait_for("d1", 6000));
    EXPECT_EQ(sinks_->taken("d1"), range(1, 6000));
}

TEST_F(DispatcherTest, GoesOnWhenTheLogCanBeReadAgain) {
    append("a", 10, false);
    reader_.is_away = true;
    dispatcher_->start();
    apply({stream(1, "a")});
    ASSERT_TRUE(eventually(kPatience, [&] { return reader_.reads > 1; }));
    reader_.is_away = false;
    EXPECT_TRUE(sinks_->wait_for("d1", 10));
}

TEST_F(DispatcherTest, ReadsWhatTheInboxHadToLetGo) {
    apply({stream(1, "a"), stream(2, "b")});
    append("b", 1);
    const std::string big = "\"" + std::string(1 << 20, 'x') + "\"";
    dispatcher_->start();
    ASSERT_TRUE(sinks_->wait_for("d2", 1));
    sinks_->set_way(Way::hold);
    for (int i = 0; i < 100; ++i) append("a", 1, true, big);
    append("b", 1);
    sinks_->release();
    ASSERT_TRUE(eventually(kPatience, [&] {
        const auto status = dispatcher_->status(StreamId{1});
        return status && status->is_at_head && status->cursor.position.value == 102;
    }));
    EXPECT_EQ(sinks_->taken("d1").size() + sinks_->taken("held").size() + sinks_->taken("d2").size(), 102U);
}

TEST_F(DispatcherTest, IdleStreamsCostNoReadsAndFewUpdates) {
    std::vector<Stream> streams;
    for (std::int64_t id = 1; id <= 10'000; ++id) streams.push_back(stream(id, "idle" + std::to_string(id)));
    streams.push_back(stream(20'000, "busy"));
    dispatcher_->start();
    apply(std::move(streams));
    append("busy", 1);
    ASSERT_TRUE(sinks_->wait_for("d20000", 1));
    const int reads = reader_.reads;
    const auto begin = clock_.steady_now();
    for (int i = 0; i < 2000; ++i) append("busy", 1);
    ASSERT_TRUE(sinks_->wait_for("d20000", 2001));
    EXPECT_EQ(reader_.reads, reads);
    EXPECT_EQ(sinks_->open_sinks(), 1);
    EXPECT_EQ(dispatcher_->status(StreamId{77})->cursor.position.value, 2001);
    dispatcher_->stop();
    const auto took = std::chrono::ceil<seconds>(clock_.steady_now() - begin).count();
    EXPECT_LE(deliveries_.saves(), took + 3);  // one a second, the first and the last
    EXPECT_EQ(saved(77), 2001);
}

TEST_F(DispatcherTest, APausedStreamStopsAndGoesOnFromItsCursor) {
    dispatcher_->start();
    Stream one = stream(1, "a");
    apply({one});
    append("a", 3);
    ASSERT_TRUE(sinks_->wait_for("d1", 3));
    // What was taken but not yet settled when the pause comes would be repeated.
    ASSERT_TRUE(eventually(kPatience,
                           [&] { return dispatcher_->status(StreamId{1})->cursor.position == Position{3}; }));
    one.is_paused = true;
    one.version = 2;
    apply({one});
    ASSERT_TRUE(has_state(1, StreamState::paused));
    append("a", 3);
    EXPECT_TRUE(eventually(kPatience, [&] { return sinks_->open_sinks() == 0; }));
    EXPECT_EQ(sinks_->taken("d1").size(), 3U);
    one.is_paused = false;
    one.version = 3;
    apply({one});
    ASSERT_TRUE(sinks_->wait_for("d1", 6));
    EXPECT_EQ(sinks_->taken("d1"), range(1, 6));
}

TEST_F(DispatcherTest, PausesDurablyWhenTheDestinationWantsNoMore) {
    pauses_.set_away(true);
    sinks_->set_way(Way::stop);
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 1);
    ASSERT_TRUE(has_state(1, StreamState::paused));
    EXPECT_EQ(dispatcher_->status(StreamId{1})->last_error, "no");
    apply({stream(1, "a")});  // an older picture of the registry
    pauses_.set_away(false);
    EXPECT_TRUE(eventually(kPatience, [&] { return pauses_.is_paused(StreamId{1}); }));
    EXPECT_EQ(dispatcher_->status(StreamId{1})->state, StreamState::paused);
}

TEST_F(DispatcherTest, ARemovedStreamClosesItsSink) {
    dispatcher_->start();
    apply({stream(1, "a"), stream(2, "a")});
    append("a", 1);
    ASSERT_TRUE(sinks_->wait_for("d2", 1));
    apply({stream(2, "a")});
    EXPECT_TRUE(eventually(kPatience, [&] { return sinks_->open_sinks() == 1; }));
    EXPECT_TRUE(eventually(kPatience, [&] { return !dispatcher_->status(StreamId{1}); }));
    append("a", 1);
    EXPECT_TRUE(sinks_->wait_for("d2", 2));
}

TEST_F(DispatcherTest, AStreamThatAnotherNodeHasTakenIsLeftAlone) {
    dispatcher_->start();
    apply({stream(1, "a"), stream(2, "a")});
    append("a", 1);
    ASSERT_TRUE(sinks_->wait_for("d2", 1));
    // The other takes both, as after a long silence of this one, and has done with stream 2.
    deliveries_.expire(kProcess);
    (void)deliveries_.renew(8, "there");
    append("a", 1);
    EXPECT_TRUE(eventually(
        kPatience, [&] { return !dispatcher_->status(StreamId{1}) && !dispatcher_->status(StreamId{2}); }));
    EXPECT_LE(saved(1), 1);
}

TEST_F(DispatcherTest, AnOutageDelaysAndLosesNothing) {
    sinks_->set_way(Way::away);
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 10);
    ASSERT_TRUE(has_state(1, StreamState::blocked));
    sinks_->set_way(Way::take);
    ASSERT_TRUE(sinks_->wait_for("d1", 10));
    EXPECT_EQ(sinks_->taken("d1"), range(1, 10));
    EXPECT_TRUE(has_state(1, StreamState::running));
}

TEST_F(DispatcherTest, LetsDeliveriesSettleAndSavesTheirCursorsWhenItStops) {
    sinks_->set_way(Way::hold);
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 20);
    ASSERT_TRUE(sinks_->wait_for_held(20));
    std::jthread stopping([this] { dispatcher_->stop(); });
    sinks_->release();
    stopping.join();
    EXPECT_EQ(saved(1), 20);
}

TEST_F(DispatcherTest, StopsInTimeAlthoughADeliveryHangs) {
    sinks_->set_way(Way::hold);
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 1);
    ASSERT_TRUE(sinks_->wait_for_held(1));
    const auto begin = clock_.steady_now();
    dispatcher_->stop();
    EXPECT_LT(clock_.steady_now() - begin, seconds(5));
    EXPECT_LE(saved(1), 0);
}

TEST_F(DispatcherTest, RunsAStreamOnceItIsBothClaimedAndRegistered) {
    deliveries_.put(stream(1, "a"));
    dispatcher_->start();
    renew();
    append("a", 1);
    EXPECT_EQ(dispatcher_->status(StreamId{1}), std::nullopt);
    apply({stream(1, "a")});
    EXPECT_TRUE(sinks_->wait_for("d1", 1));
}

TEST_F(DispatcherTest, TheClaimedCursorCountsNotThatOfAnOlderPicture) {
    append("a", 5, false);
    Stream moved = stream(1, "a");
    moved.cursor = {Position{3}, {}};
    deliveries_.put(moved);
    dispatcher_->start();
    apply({stream(1, "a")});
    ASSERT_TRUE(sinks_->wait_for("d1", 2));
    EXPECT_EQ(sinks_->taken("d1"), range(4, 5));
}

TEST_F(DispatcherTest, SendsNothingOnceItsLeaseIsOverByItsOwnClock) {
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 1);
    ASSERT_TRUE(sinks_->wait_for("d1", 1));
    renew(seconds(-1));
    append("a", 5);
    ASSERT_TRUE(eventually(kPatience, [&] { return dispatcher_->status(StreamId{1})->waiting == 5; }));
    EXPECT_EQ(sinks_->taken("d1").size(), 1U);
    renew();
    EXPECT_TRUE(sinks_->wait_for("d1", 6));
}

TEST_F(DispatcherTest, ALostLeaseEndsEveryStreamAtOnceAndSavesNothing) {
    sinks_->set_way(Way::hold);
    dispatcher_->start();
    apply({stream(1, "a"), stream(2, "a")});
    append("a", 3);
    ASSERT_TRUE(sinks_->wait_for_held(6));
    LeaseNews lost;
    lost.renewal.is_lost = true;
    dispatcher_->on_lease(lost);
    EXPECT_TRUE(eventually(
        kPatience, [&] { return !dispatcher_->status(StreamId{1}) && !dispatcher_->status(StreamId{2}); }));
    const int saves = deliveries_.saves();
    sinks_->release();
    dispatcher_->stop();
    EXPECT_EQ(deliveries_.saves(), saves);
    EXPECT_LE(saved(1), 0);
}

TEST_F(DispatcherTest, GivesUpASurplusWithWhatItHasDone) {
    dispatcher_->start();
    apply({stream(1, "a"), stream(2, "a")});
    append("a", 5);
    ASSERT_TRUE(sinks_->wait_for("d1", 5));
    ASSERT_TRUE(sinks_->wait_for("d2", 5));
    (void)deliveries_.renew(8, "there");  // another process: each has a share of one
    renew();
    const auto run_here = [&] {
        return (dispatcher_->status(StreamId{1}) ? 1 : 0) + (dispatcher_->status(StreamId{2}) ? 1 : 0);
    };
    ASSERT_TRUE(eventually(kPatience, [&] { return run_here() == 1; }));
    const StreamId given{dispatcher_->status(StreamId{1}) ? 2 : 1};
    const LeaseRenewal other = deliveries_.renew(8, "there");
    ASSERT_EQ(other.claimed.size(), 1U);
    EXPECT_EQ(other.claimed[0].id, given);
    EXPECT_EQ(other.claimed[0].cursor.position.value, 5);
}

TEST_F(DispatcherTest, ADeadEventIsRevivedByAnOperatorWhileTheStreamRuns) {
    deliveries_.on_stream = [this](StreamId id) { dispatcher_->want_work(id); };
    Stream loose = stream(1, "a", StreamOrder::loose);
    sinks_->set_way(Way::reject);
    dispatcher_->start();
    apply({loose});
    append("a", 2);
    ASSERT_TRUE(eventually(kPatience, [&] { return deliveries_.row(StreamId{1}, EventId{2}).has_value(); }));
    EXPECT_EQ(deliveries_.row(StreamId{1}, EventId{2})->state, FailingState::dead);
    EXPECT_EQ(saved(1), 2);
    sinks_->set_way(Way::take);
    EXPECT_EQ(deliveries_.retry_dead(StreamId{1}, std::nullopt).value(), 2);
    ASSERT_TRUE(sinks_->wait_for("d1", 2));
    EXPECT_TRUE(eventually(kPatience, [&] { return !deliveries_.row(StreamId{1}, EventId{2}); }));
}

TEST_F(DispatcherTest, AFailingEventsAttemptsOutliveTheProcess) {
    Stream loose = stream(1, "a", StreamOrder::loose);
    sinks_->set_way(Way::fail);
    dispatcher_->start();
    apply({loose});
    append("a", 1);
    ASSERT_TRUE(eventually(kPatience, [&] { return deliveries_.row(StreamId{1}, EventId{1}).has_value(); }));
    dispatcher_->stop();
    deliveries_.leave(kProcess);
    make_dispatcher();
    dispatcher_->start();
    apply({loose});
    ASSERT_TRUE(eventually(kPatience, [&] {
        const auto status = dispatcher_->status(StreamId{1});
        return status && status->set_aside == 1;
    }));
    EXPECT_EQ(deliveries_.row(StreamId{1}, EventId{1})->attempts, 1);
}

TEST_F(DispatcherTest, CarriesAReplayToTheEndAndStoresThat) {
    deliveries_.on_stream = [this](StreamId id) { dispatcher_->want_work(id); };
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 20);
    ASSERT_TRUE(sinks_->wait_for("d1", 20));
    ASSERT_TRUE(eventually(kPatience, [&] { return saved(1) == 20; }));
    const Replay replay =
        deliveries_.start_replay(StreamId{1}, {.after = Position{5}, .through = Position{15}, .rate = {}})
            .value();
    ASSERT_TRUE(sinks_->wait_for("d1", 30));
    ASSERT_TRUE(eventually(kPatience, [&] {
        return deliveries_.find_replay(StreamId{1}, replay.id)->state == ReplayState::done;
    }));
    EXPECT_EQ(deliveries_.find_replay(StreamId{1}, replay.id)->delivered, 10);
}

TEST_F(DispatcherTest, SaysWhatBecameOfTheLastAttempts) {
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 3);
    ASSERT_TRUE(eventually(kPatience, [&] { return dispatcher_->attempts(StreamId{1}).size() == 3; }));
    EXPECT_EQ(dispatcher_->attempts(StreamId{1})[0].event.value, 3);
    EXPECT_GT(dispatcher_->status(StreamId{1})->delivered_per_second, 0);
}

TEST_F(DispatcherTest, TellsTheLogOfAChangedState) {
    sinks_->set_way(Way::away);
    dispatcher_->start();
    apply({stream(1, "a")});
    append("a", 1);
    ASSERT_TRUE(eventually(kPatience, [&] { return announced().size() == 1; }));
    EXPECT_THAT(announced()[0], ::testing::HasSubstr(R"("from":"running","to":"blocked","reason":"no")"));
    EXPECT_TRUE(eventually(kPatience, [&] {
        const std::vector<StreamId> ids{StreamId{1}};
        return deliveries_.standings(ids).at(0)->standing.state == StreamState::blocked;
    }));
}

}  // namespace
}  // namespace headwater
