#include "rest/stream_figures.hpp"

#include <algorithm>

#include "core/delivery_store.hpp"
#include "core/event_log.hpp"
#include "core/registry_store.hpp"
#include "core/time.hpp"

namespace headwater::rest {
namespace {

constexpr std::int64_t kCountedAtMost = 10'000;

/// A stream that has just been made, or is gone, has nothing stored.
StreamFigures standing_of(const Services& services, const Stream& stream,
                          const std::optional<StoredStanding>& stored) {
    StreamFigures figures;
    figures.since = stream.created_at;
    figures.cursor = figures.saved = stream.cursor;
    if (stored) {
        figures.state = stored->standing.state;
        figures.since = stored->standing.since;
        figures.last_error = stored->standing.last_error;
        figures.cursor = figures.saved = stored->cursor;
        figures.node = stored->owner;
        figures.expired = stored->expired;
    }
    if (services.stream_status) figures.status = services.stream_status(stream.id);
    if (const auto& status = figures.status) {
        figures.state = status->state;
        figures.since = status->since.value_or(figures.since);
        figures.last_error = status->last_error;
        figures.cursor = status->cursor;
        figures.node = services.node;
    }
    if (stream.is_paused) figures.state = StreamState::paused;
    return figures;
}

StreamLag lag_of(const Services& services, const Stream& stream, const StreamFigures& figures) {
    const auto& status = figures.status;
    const bool is_done = status && status->is_at_head && status->waiting + status->in_flight == 0;
    if (is_done && figures.state == StreamState::running) return {};
    Stream current = stream;
    current.cursor = figures.cursor;
    StreamLag lag;
    lag.events = services.registry_store.lag_events(current);
    lag.is_at_least = lag.events >= kCountedAtMost;
    if (lag.events == 0) return lag;
    if (const auto event = next_event(services, stream, figures.cursor)) {
        const std::chrono::duration<double> age = services.clock.now() - (*event)->created_at;
        lag.seconds = std::max(0.0, age.count());
    }
    return lag;
}

}  // namespace

std::vector<StreamFigures> figures_of(const Services& services, std::span<const Stream* const> streams,
                                      FigureDepth depth) {
    std::vector<StreamId> ids;
    for (const Stream* stream : streams) ids.push_back(stream->id);
    std::vector<StreamFigures> all;
    if (ids.empty()) return all;
    const auto stored = services.deliveries.standings(ids);
    for (std::size_t i = 0; i < streams.size(); ++i) {
        all.push_back(standing_of(services, *streams[i], stored[i]));
    }
    if (depth == FigureDepth::standing) return all;
    const auto dead = services.deliveries.count_dead(ids);
    for (std::size_t i = 0; i < streams.size(); ++i) {
        all[i].dead = dead[i];
        all[i].lag = lag_of(services, *streams[i], all[i]);
    }
    return all;
}

StreamFigures figures_of(const Services& services, const Stream& stream) {
    const Stream* one = &stream;
    return std::move(figures_of(services, {&one, 1}, FigureDepth::everything).front());
}

LogRead read_of(const Stream& stream) {
    LogRead read;
    if (stream.owner_type.empty()) {
        read.types = &stream.definition.types;
    } else {
        read.type = stream.owner_type;
    }
    return read;
}

std::optional<EventPtr> next_event(const Services& services, const Stream& stream, const Cursor& cursor) {
    LogRead read = read_of(stream);
    read.after = cursor;
    read.limit = 1;
    LogPage page = services.log.read(read);
    if (page.events.empty()) return std::nullopt;
    return std::move(page.events.front());
}

}  // namespace headwater::rest
