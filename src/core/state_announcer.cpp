#include "core/state_announcer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/json_text.hpp"

namespace headwater {
namespace {

constexpr std::string_view kOwnPrefix = "headwater:";

bool carries_own_events(const Stream& stream) {
    if (stream.owner_type.starts_with(kOwnPrefix)) return true;
    return std::ranges::any_of(stream.definition.types.filters(),
                               [](const std::string& filter) { return filter.starts_with(kOwnPrefix); });
}

std::string json_of(const Stream& stream) {
    std::string json = R"({"id":)" + to_json_string(to_string(stream.id)) + R"(,"name":)" +
                       to_json_string(stream.definition.name);
    if (!stream.owner_type.empty()) json += R"(,"type":)" + to_json_string(stream.owner_type);
    return json + "}";
}

}  // namespace

StateAnnouncer::StateAnnouncer(AnnounceState announce, std::string node, OnDone on_done)
    : announce_(std::move(announce)), node_(std::move(node)), on_done_(std::move(on_done)) {}

void StateAnnouncer::note(const Stream& stream, const StateChange& change) {
    if (!announce_ || carries_own_events(stream)) return;
    Entry& entry = entries_[stream.id];
    News news{json_of(stream), change};
    // Nobody was told of what came between.
    if (entry.pending) news.change.from = entry.pending->change.from;
    entry.pending = std::move(news);
    if (entry.pending->change.from == entry.pending->change.to) entry.pending.reset();
}

void StateAnnouncer::tick(TimePoint now) {
    for (auto at = entries_.begin(); at != entries_.end();) {
        Entry& entry = at->second;
        if (entry.under_way || now < entry.not_before) {
            ++at;
        } else if (!entry.pending) {
            at = entries_.erase(at);
        } else {
            entry.under_way = std::exchange(entry.pending, std::nullopt);
            entry.not_before = now + kInterval;
            announce_(payload_of(*entry.under_way),
                      [on_done = on_done_, stream = at->first](bool accepted) { on_done(stream, accepted); });
            ++at;
        }
    }
}

void StateAnnouncer::on_announced(StreamId stream, bool is_accepted) {
    const auto found = entries_.find(stream);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    const auto told = std::exchange(entry.under_way, std::nullopt);
    if (is_accepted || !told) return;
    if (entry.pending) {
        entry.pending->change.from = told->change.from;
        if (entry.pending->change.from == entry.pending->change.to) entry.pending.reset();
    } else {
        entry.pending = told;
    }
}

std::optional<StateAnnouncer::TimePoint> StateAnnouncer::next_tick() const {
    std::optional<TimePoint> next;
    for (const auto& [stream, entry] : entries_) {
        if (!entry.under_way && (!next || entry.not_before < *next)) next = entry.not_before;
    }
    return next;
}

std::string StateAnnouncer::payload_of(const News& news) const {
    std::string json = R"({"stream":)" + news.stream_json;
    json += R"(,"from":)" + to_json_string(to_string(news.change.from));
    json += R"(,"to":)" + to_json_string(to_string(news.change.to));
    json += R"(,"reason":)" + to_json_string(news.change.reason);
    json += R"(,"node":)" + to_json_string(node_) + "}";
    return json;
}

}  // namespace headwater
