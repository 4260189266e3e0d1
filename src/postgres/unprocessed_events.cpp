#include "postgres/unprocessed_events.hpp"

#include <algorithm>
#include <cstdint>

#include "postgres/connection.hpp"
#include "postgres/event_rows.hpp"

namespace headwater::postgres {
namespace {

constexpr std::int64_t kLongestStretch = std::int64_t{1} << 23;
// Up to so many ids are looked up one by one, when so many others lie between two of them; else a scan finds
// enough before long.
constexpr std::size_t kFew = 1'500;
constexpr std::int64_t kSparse = 32;
constexpr std::size_t kMoreThanWanted = 20;

/// The walk over one client's feed.
class Walk {
  public:
    Walk(Connection& connection, LogTimes& times, const ClientProgress& progress, EventScope scope,
         const std::function<void(const EventRows&)>& take)
        : connection_(connection),
          times_(times),
          progress_(progress),
          scope_(std::move(scope)),
          take_(take) {}

    bool run() {
        const std::int64_t floor = progress_.floor(scope_.types);
        if (progress_.has_more_than(floor)) scope_.above_watermarks_of = progress_.client;
        IdSpan left = progress_.ids;
        if (floor >= left.last) return false;
        left.first = std::max(left.first, floor + 1);
        all_ = left;
        is_floor_raised_ = floor > 0 || scope_.after.has_value();
        for (std::int64_t length = kFirstReach; !left.is_empty();
             length = std::min(length * 2, kLongestStretch)) {
            if (read_stretch(take_stretch(left, length, scope_.is_descending))) return true;
        }
        return false;
    }

  private:
    /// True when the page is full and more stands behind it.
    bool read_stretch(IdSpan stretch) {
        const Unacknowledged open =
            progress_.bitmaps.ids.contains(stretch)
                ? Unacknowledged(progress_.bitmaps, stretch)
                : Unacknowledged(read_bitmaps(connection_, progress_.client, stretch), stretch);
        if (open.count() == 0) return false;
        EventScope scope = scope_;
        bound(scope, stretch);
        const auto count = static_cast<std::int64_t>(open.count());
        if (open.count() <= kFew && count * kSparse < stretch.last - stretch.first + 1)
            return read_one_by_one(std::move(scope), open.ids());
        if (!open.is_everything()) {
            scope.bits = open.acknowledged();
            scope.bits_from = open.first();
        }
        return read(scope);
    }

    /// The stretch's ids, and what they say about the time.
    void bound(EventScope& scope, IdSpan stretch) const {
        scope.after = Position{stretch.first - 1};
        scope.last = Position{stretch.last};
        if (stretch.first > all_.first || is_floor_raised_)
            scope.from = std::max(scope.from, times_.of(connection_, EventId{stretch.first}).from);
        if (stretch.last < all_.last || scope_.last)
            scope.through = std::min(scope.through, times_.of(connection_, EventId{stretch.last}).through);
    }

    bool read_one_by_one(EventScope scope, const std::vector<std::int64_t>& ids) {
        scope.after.reset();  // the ranges tell
        scope.last.reset();
        std::vector<IdRange> ranges = ranges_of(ids, times_.of(connection_, ids));
        std::erase_if(ranges, [&scope](const IdRange& range) {  // a stretch reaches beyond the slice
            return range.times.through < scope.from || range.times.from > scope.through;
        });
        if (scope.is_descending) std::ranges::reverse(ranges);
        for (auto begin = ranges.cbegin(); begin != ranges.cend();) {
            const auto end = end_of_page(scope, begin, ranges.cend());
            scope.ids.assign(begin, end);
            scope.limit = scope_.limit;
            if (read(scope)) return true;
            begin = end;
        }
        return false;
    }

    /// Ids that follow one another are one range, where their times are not known apart.
    static std::vector<IdRange> ranges_of(const std::vector<std::int64_t>& ids,
                                          const std::vector<TimeRange>& times) {
        std::vector<IdRange> ranges;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const bool is_next = !ranges.empty() && ranges.back().last + 1 == ids[i] &&
                                 ranges.back().times.through == times[i].through;
            if (is_next) {
                ranges.back().last = ids[i];
            } else {
                ranges.push_back({ids[i], ids[i], times[i]});
            }
        }
        return ranges;
    }

    /// So many that a page comes of those whose time is surely the slice's.
    [[nodiscard]] std::vector<IdRange>::const_iterator end_of_page(
        const EventScope& scope, std::vector<IdRange>::const_iterator at,
        std::vector<IdRange>::const_iterator end) const {
        const auto wanted = static_cast<std::int64_t>(scope_.limit + kMoreThanWanted);
        for (std::int64_t count = 0; at != end && count < wanted; ++at) {
            if (at->times.from >= scope.from && at->times.through <= scope.through)
                count += at->last - at->first + 1;
        }
        return at;
    }

    bool read(const EventScope& scope) {
        const EventRows found = read_events(connection_, scope);
        if (found.rows.empty()) return false;
        take_(found);
        scope_.limit -= std::min(scope_.limit, static_cast<std::size_t>(found.rows.size()));
        for (const auto& row : found.rows) bytes_ += row[kEventColumnCount - 1].size();
        return found.has_more || bytes_ >= scope_.max_bytes;
    }

    Connection& connection_;
    LogTimes& times_;
    const ClientProgress& progress_;
    EventScope scope_;  ///< its limit shrinks as rows are found
    const std::function<void(const EventRows&)>& take_;
    IdSpan all_{1, 0};
    bool is_floor_raised_ = false;  ///< the first id tells more about the time than the scope does
    std::size_t bytes_ = 0;
};

}  // namespace

bool read_unprocessed(Connection& connection, LogTimes& times, const ClientProgress& progress,
                      EventScope scope, const std::function<void(const EventRows&)>& take) {
    return Walk(connection, times, progress, std::move(scope), take).run();
}

}  // namespace headwater::postgres
