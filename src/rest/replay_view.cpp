#include "rest/replay_view.hpp"

#include <algorithm>

#include "core/event_log.hpp"
#include "core/registry_store.hpp"
#include "core/time.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/stream_figures.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kCountedAtMost = 10'000;
constexpr std::size_t kReadAtMost = 2 << 20;  // bytes, to count what cannot be counted otherwise

/// How many events are left; at least as many, when there are too many to count.
struct Left {
    std::size_t events = 0;
    bool is_at_least = false;
};

std::size_t events_after(const Services& services, const Stream& stream, Position position) {
    Stream there = stream;
    there.cursor = services.log.cursor_at(position);
    return static_cast<std::size_t>(services.registry_store.lag_events(there));
}

Left left_dead(const Services& services, const Replay& replay, Position cursor) {
    const EventId end{replay.what.through.value + 1};
    const DeadPage page = services.deliveries.dead(replay.stream, end, kCountedAtMost);
    const auto is_ahead = [&](const FailingEvent& event) { return event.id > cursor; };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(page.events, is_ahead));
    return {count, page.has_more && count == page.events.size()};
}

/// The events behind the cursor without those behind the end; where even the former are too many to count,
/// the replay's part of the log is read, as far as that is cheap.
Left left_in_log(const Services& services, const Stream& stream, const Replay& replay, Position cursor) {
    const std::size_t after = events_after(services, stream, cursor);
    if (after < kCountedAtMost) {
        const std::size_t behind = events_after(services, stream, replay.what.through);
        return {after - std::min(behind, after), false};
    }
    LogRead read = read_of(stream);
    read.after = services.log.cursor_at(cursor);
    read.through = replay.what.through;
    read.limit = kCountedAtMost;
    read.max_bytes = kReadAtMost;
    const LogPage page = services.log.read(read);
    return {page.events.size(), !page.is_last};
}

/// What is done and what is left. A few that are under way may count in both, as the cursor waits for the
/// lowest of them.
void append_total(JsonObject& object, const Services& services, const Stream& stream, const Replay& replay,
                  std::int64_t done) {
    if (replay.state != ReplayState::running) {
        object.number("total", done);
        return;
    }
    const Position cursor = std::max(replay.cursor.position, replay.what.after);
    const Left left = replay.what.only_dead ? left_dead(services, replay, cursor)
                                            : left_in_log(services, stream, replay, cursor);
    object.number("total", done + static_cast<std::int64_t>(left.events));
    if (left.is_at_least) object.boolean("atLeast", true);
}

}  // namespace

std::string replays_address(const RequestContext& request, StreamId stream) {
    return stream_address(request, stream) + "/replays";
}

std::string replay_address(const RequestContext& request, const Replay& replay) {
    return replays_address(request, replay.stream) + "/" + to_string(replay.id);
}

void append_replay(std::string& out, const RequestContext& request, const Stream& stream,
                   const Replay& replay) {
    const std::int64_t done = replay.delivered + replay.failed + replay.skipped;
    JsonObject object(out);
    object.text("id", to_string(replay.id)).text("state", to_string(replay.state));
    object.text("from", std::to_string(replay.what.after.value + 1));
    object.text("to", to_string(replay.what.through));
    if (replay.what.only_dead) object.text("only", "dead");
    if (replay.what.rate) object.number("rate", *replay.what.rate);
    object.number("done", done);
    append_total(object, request.services(), stream, replay, done);
    object.number("delivered", replay.delivered).number("failed", replay.failed);
    object.number("skipped", replay.skipped).text("created_at", format_time(replay.created_at));
    if (replay.finished_at) object.text("finished_at", format_time(*replay.finished_at));
    Links links;
    links.add("self", replay_address(request, replay));
    links.add("stream", stream_address(request, replay.stream));
    links.append_json(object.begin("links"));
    object.end();
}

}  // namespace headwater::rest
