#include "postgres/feed_reader.hpp"

#include <algorithm>
#include <utility>

#include "postgres/client_progress.hpp"
#include "postgres/event_query.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/landmarks.hpp"
#include "postgres/log_times.hpp"
#include "postgres/unprocessed_events.hpp"

namespace headwater::postgres {
namespace {

constexpr std::chrono::microseconds kInstant{1};

EventScope scope_of(const FeedQuery& query, TypeSelection types) {
    EventScope scope;
    scope.from = query.from;
    scope.through = query.to - kInstant;
    scope.subject = query.subject;
    scope.types = std::move(types);
    scope.is_descending = query.order == FeedOrder::desc;
    scope.limit = query.limit;
    scope.after = query.after;
    if (query.before) scope.last = Position{query.before->value - 1};
    return scope;
}

/// What the bounds that are ids say about the time.
void bound_by_ids(Connection& connection, LogTimes& times, EventScope& scope) {
    if (scope.after) scope.from = std::max(scope.from, times.of(connection, *scope.after).from);
    if (scope.last) scope.through = std::min(scope.through, times.of(connection, *scope.last).through);
}

/// A page while its rows come in.
struct Gathering {
    FeedPage page;
    CatalogMark mark;

    void add(const EventRows& found, std::size_t limit, const TypeCatalog::View& catalog) {
        if (found.rows.empty()) return;
        mark.newest_type = std::max(mark.newest_type, found.mark.newest_type);
        mark.classes |= found.mark.classes;
        if (!catalog.covers(mark)) return;  // it will be read again
        page.read_at = found.read_at;
        for (const auto& row : found.rows) {
            FeedEntry entry{to_event(row, catalog.names), row[kEventColumnCount].as<bool>()};
            const Timestamp expiry = entry.event->expires_at;
            if (expiry != Timestamp::max())
                page.first_expiry = std::min(page.first_expiry.value_or(expiry), expiry);
            if (page.entries.size() == limit) break;
            page.entries.push_back(std::move(entry));
        }
    }
};

Gathering gather(Connection& connection, LogTimes& times, const FeedQuery& query,
                 const TypeCatalog::View& catalog) {
    Gathering gathering;
    EventScope scope = scope_of(query, select_types(catalog.names, query.visible_types()));
    scope.classes = catalog.classes;
    const auto progress =
        read_progress(connection, query.client, scope, query.include_processed ? 0 : kFirstReach);
    if (progress && !query.include_processed) {
        const auto take = [&](const EventRows& found) { gathering.add(found, query.limit, catalog); };
        gathering.page.has_more = read_unprocessed(connection, times, *progress, std::move(scope), take);
        return gathering;
    }
    bound_by_ids(connection, times, scope);
    if (progress) scope.client = progress->client;
    const EventRows found = read_events(connection, scope);
    gathering.page.has_more = found.has_more;
    gathering.add(found, query.limit, catalog);
    return gathering;
}

/// The oldest event that the reader's key allows. `oldest` is the log's own.
std::optional<FeedLandmark> oldest_readable(Connection& connection, const FeedQuery& query,
                                            const TypeCatalog::Names& names,
                                            const std::optional<FeedLandmark>& oldest) {
    EventScope scope;
    scope.types = select_types(names, TypeFilter::both(TypeFilter{}, *query.readable));
    return oldest ? oldest_from(connection, scope, oldest->created_at) : std::nullopt;
}

}  // namespace

FeedPage PostgresFeedReader::page(const FeedQuery& query) {
    return pool_.run([&](Connection& connection) {
        TypeCatalog::ViewPtr catalog = types_.known();
        while (true) {
            Gathering found = gather(connection, times_, query, *catalog);
            // A type or class that was registered meanwhile may have events on this very page: then the
            // selection was too narrow. An empty page does not tell.
            const bool is_told = found.mark.newest_type != 0;
            if (is_told && catalog->covers(found.mark)) return std::move(found.page);
            const TypeCatalog::ViewPtr newer = types_.current(connection);
            if (!is_told && newer == catalog) return std::move(found.page);
            catalog = newer;
        }
    });
}

FeedNeighbours PostgresFeedReader::neighbours(const FeedQuery& query, const FeedOutlook& outlook) {
    return pool_.run([&](Connection& connection) {
        // page() has just looked; a search for newer events stands alone.
        const auto catalog = outlook.with_newer ? types_.current(connection) : types_.known();
        const TypeCatalog::Names& names = catalog->names;
        EventScope scope;
        scope.types = select_types(names, query.visible_types());
        scope.subject = query.subject;

        FeedNeighbours found;
        if (outlook.with_newer) found.newer = oldest_from(connection, scope, query.to);
        const auto oldest = oldest_.find(connection, TypeSelection{});
        found.oldest = query.readable ? oldest_readable(connection, query, names, oldest)
                                      : oldest_public_.find(connection, select_types(names, TypeFilter{}));
        if (oldest) {
            found.older = older_.find(query, outlook.is_begun, [&] {
                return newest_before(connection, scope, query.from, oldest->created_at);
            });
        }
        return found;
    });
}

}  // namespace headwater::postgres
