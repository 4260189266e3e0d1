#include "postgres/landmarks.hpp"

#include <array>
#include <chrono>

namespace headwater::postgres {

using namespace std::chrono;

namespace {

constexpr microseconds kInstant{1};
constexpr std::array<hours, 4> kReaches = {hours{1}, hours{16}, days{10}, days{160}};
// PostgreSQL's clock may stand this far from ours, and then some.
constexpr minutes kMargin{2};
// An event that is about to expire is looked for again so often.
constexpr milliseconds kFreshness{200};
constexpr std::size_t kMaxRemembered = 4096;

Timestamp now() {
    return floor<microseconds>(system_clock::now());
}

}  // namespace

std::optional<FeedLandmark> oldest_from(Connection& connection, EventScope scope, Timestamp begin) {
    scope.from = begin;
    scope.limit = 1;
    const Timestamp present = now() - kMargin;
    for (const hours reach : kReaches) {
        if (begin == Timestamp::min() || begin >= present - reach) break;
        scope.through = begin + reach;
        if (const auto found = first_landmark(connection, scope)) return found;
    }
    scope.through = Timestamp::max();
    return first_landmark(connection, scope);
}

std::optional<FeedLandmark> newest_before(Connection& connection, EventScope scope, Timestamp end,
                                          Timestamp floor) {
    scope.through = end - kInstant;
    scope.is_descending = true;
    scope.limit = 1;
    for (const hours reach : kReaches) {
        if (end - reach <= floor) break;
        scope.from = end - reach;
        if (const auto found = first_landmark(connection, scope)) return found;
    }
    scope.from = floor;
    return end <= floor ? std::nullopt : first_landmark(connection, scope);
}

std::optional<FeedLandmark> OldestEvent::find(Connection& connection, const TypeSelection& types) {
    std::optional<FeedLandmark> known;
    {
        const std::lock_guard lock(mutex_);
        known = known_;
        const bool is_fresh = steady_clock::now() - looked_at_ < kFreshness;
        if (known && (is_fresh || known->expires_at - kMargin > now())) return known;
    }
    EventScope scope;
    scope.types = types;
    auto found = oldest_from(connection, scope, known ? known->created_at : Timestamp::min());
    if (found) {
        const std::lock_guard lock(mutex_);
        if (!known_ || known_->created_at <= found->created_at) {
            known_ = found;
            looked_at_ = steady_clock::now();
        }
    }
    return found;
}

std::optional<FeedLandmark> OlderEvents::find(const FeedQuery& query, bool is_final, const Look& look) {
    std::string key = query.visible_types().to_text();
    key.append(1, '\0').append(std::to_string(query.from.time_since_epoch().count()));
    if (query.subject) key.append(1, '\0').append(*query.subject);
    {
        const std::lock_guard lock(mutex_);
        const auto known = known_.find(key);
        if (known != known_.end() && (!known->second || known->second->expires_at - kMargin > now()))
            return known->second;
    }
    auto found = look();
    if (!is_final) return found;
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMaxRemembered) known_.clear();
    known_.insert_or_assign(std::move(key), found);
    return found;
}

}  // namespace headwater::postgres
