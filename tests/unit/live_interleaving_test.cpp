#include <gtest/gtest.h>

#include <random>

#include "core/errors.hpp"
#include "tests/support/live_fixture.hpp"

namespace headwater::testing {
namespace {

/// Plays one random history of commits, publications, turns, page reads, joins, drains and departures over
/// two shards with tiny bounds, and holds every subscriber's story against the log: from its cursor on, each
/// matching event once, in order.
class Interleaving {
  public:
    explicit Interleaving(unsigned seed)
        : random_(seed),
          f_({.broadcast = {.recent = {.bytes = 1 << 20, .events = 1 + pick(12)},
                            .waiting = {.bytes = 1 << 20, .events = 12 + pick(30)}},
              .history = {.page_events = 1 + pick(5),
                          .parallel_reads = 1 + pick(2),
                          .shared_pages = 1 + pick(4)},
              .slice_bytes = 1 + pick(600)},
             2) {
        f_.log.during_read = [this] {
            if (pick(3) == 0) commit();
            if (pick(3) == 0) f_.publish(1 + pick(5));
        };
    }

    void play(int steps) {
        for (int i = 0; i < steps; ++i) step();
        f_.log.during_read = [] {};
        for (auto& listener : listeners_) listener.subscriber->drain_always();
        f_.publish();
        f_.run_all();
        for (auto& listener : listeners_) check(listener, Completeness::whole);
    }

  private:
    enum class Completeness { prefix, whole };
    struct Listener {
        std::unique_ptr<RecordingSubscriber> subscriber;
        LiveFilter filter;
    };

    std::size_t pick(std::size_t below) { return random_() % below; }

    void commit() {
        static const std::vector<std::string> kTypes{"a", "b", "c:1", "c:2"};
        for (std::size_t i = 1 + pick(4); i > 0; --i) {
            f_.log.add(kTypes[pick(kTypes.size())], pick(8) == 0, pick(3) == 0 ? "s" : "");
        }
    }

    void step() {
        switch (pick(10)) {
            case 0:
            case 1:
                return commit();
            case 2:
            case 3:
                return f_.publish(1 + pick(6));
            case 4:
                f_.executors[0].run_one();
                return;
            case 5:
                f_.executors[1].run_one();
                return;
            case 6:
                f_.pool.run_one();
                return;
            case 7:
                return join();
            case 8:
                return drain_one();
            default:
                return leave_one();
        }
    }

    void join() {
        if (listeners_.size() > 12) return;
        static const std::vector<std::string> kFilters{"", "a", "c:*", "a,b", "**"};
        const std::string types = kFilters[pick(kFilters.size())];
        std::optional<std::string> subject;
        if (pick(4) == 0) subject = "s";
        std::optional<std::int64_t> since;
        if (pick(4) != 0) since = static_cast<std::int64_t>(pick(f_.log.events().size() + 1));
        LiveFilter filter(TypeFilter::parse(types).value(), subject);
        listeners_.push_back({f_.subscribe(types, since, pick(2), subject), filter});
        if (pick(2) == 0) listeners_.back().subscriber->drain_always();
    }

    void drain_one() {
        if (!listeners_.empty()) listeners_[pick(listeners_.size())].subscriber->drain();
    }

    void leave_one() {
        if (listeners_.empty() || pick(4) != 0) return;
        const std::size_t which = pick(listeners_.size());
        check(listeners_[which], Completeness::prefix);
        listeners_.erase(listeners_.begin() + static_cast<std::ptrdiff_t>(which));
    }

    void check(const Listener& listener, Completeness completeness) {
        const auto& subscriber = *listener.subscriber;
        if (!subscriber.started) {
            EXPECT_TRUE(completeness == Completeness::prefix && subscriber.ids.empty());
            return;
        }
        std::vector<std::int64_t> stored;
        for (const std::int64_t id : subscriber.ids) {
            const Event& event = *f_.log.events()[static_cast<std::size_t>(id - 1)];
            EXPECT_TRUE(listener.filter.matches(event));
            if (!event.is_ephemeral) stored.push_back(id);
        }
        for (std::size_t i = 1; i < subscriber.ids.size(); ++i)
            ASSERT_LT(subscriber.ids[i - 1], subscriber.ids[i]);
        std::vector<std::int64_t> expected;
        for (const EventPtr& event : f_.log.events()) {
            if (event->id <= subscriber.started->cursor || event->is_ephemeral) continue;
            if (listener.filter.matches(*event)) expected.push_back(event->id.value);
        }
        if (completeness == Completeness::prefix) {
            ASSERT_LE(stored.size(), expected.size());
            expected.resize(stored.size());
        }
        ASSERT_EQ(stored, expected) << "from " << subscriber.started->cursor.value << ", now at "
                                    << subscriber.subscription->cursor().value;
    }

    std::minstd_rand random_;
    LiveFixture f_;
    std::vector<Listener> listeners_;
};

TEST(LiveInterleaving, NoGapNoRepeatInOrderWhateverTheTiming) {
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Interleaving(seed).play(200);
        if (::testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace headwater::testing
