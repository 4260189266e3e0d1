#include "postgres/feed_reader.hpp"

#include <algorithm>

#include "postgres/event_query.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/landmarks.hpp"
#include "postgres/log_times.hpp"

namespace headwater::postgres {
namespace {

constexpr std::chrono::microseconds kInstant{1};

// A client that nobody has heard of has processed nothing.
constexpr std::string_view kClient = "select client_id from headwater.clients where name = $1";

std::optional<std::int64_t> client_id(Connection& connection, const std::string& name) {
    if (name.empty() || name.find('\0') != std::string::npos) return std::nullopt;
    const pqxx::result rows = connection.query(kClient, name);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<std::int64_t>();
}

/// The query's own bounds, and what its ids say about the time.
EventScope scope_of(Connection& connection, const FeedQuery& query, TypeSelection types) {
    EventScope scope;
    scope.from = query.from;
    scope.through = query.to - kInstant;
    scope.subject = query.subject;
    scope.types = std::move(types);
    scope.is_descending = query.order == FeedOrder::desc;
    scope.limit = query.limit;
    if (query.after) {
        scope.after = *query.after;
        scope.from = std::max(scope.from, times_of(connection, *query.after).from);
    }
    if (query.before) {
        scope.last = Position{query.before->value - 1};
        scope.through = std::min(scope.through, times_of(connection, *query.before).through);
    }
    if (const auto client = client_id(connection, query.client)) {
        scope.client = client;
        scope.only_unprocessed = !query.include_processed;
    }
    return scope;
}

FeedPage to_page(const EventRows& found, std::size_t limit, const TypeCatalog::Names& names) {
    FeedPage page;
    page.has_more = found.has_more;
    for (const auto& row : found.rows) {
        FeedEntry entry{to_event(row, names), row[kEventColumnCount].as<bool>()};
        const Timestamp expiry = entry.event->expires_at;
        if (expiry != Timestamp::max())
            page.first_expiry = std::min(page.first_expiry.value_or(expiry), expiry);
        if (page.entries.size() == limit) break;
        page.entries.push_back(std::move(entry));
    }
    return page;
}

}  // namespace

FeedPage PostgresFeedReader::page(const FeedQuery& query) {
    return pool_.run([&](Connection& connection) {
        auto names = types_.names(connection);
        while (true) {
            const EventRows found =
                read_events(connection, scope_of(connection, query, select_types(*names, query.types)));
            if (names->empty() || found.newest_type <= names->rbegin()->first)
                return to_page(found, query.limit, *names);
            names = types_.names(connection);
        }
    });
}

FeedNeighbours PostgresFeedReader::neighbours(const FeedQuery& query) {
    return pool_.run([&](Connection& connection) {
        const auto names = types_.names(connection);
        EventScope scope;
        scope.types = select_types(*names, query.types);
        scope.subject = query.subject;

        FeedNeighbours found;
        found.newer = oldest_from(connection, scope, query.to);
        found.oldest = oldest_public_.find(connection, select_types(*names, TypeFilter{}));
        if (const auto oldest = oldest_.find(connection, TypeSelection{})) {
            found.older = newest_before(connection, scope, query.from, oldest->created_at);
        }
        return found;
    });
}

}  // namespace headwater::postgres
