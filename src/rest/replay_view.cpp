#include "rest/replay_view.hpp"

#include <algorithm>

#include "core/event_log.hpp"
#include "core/registry_store.hpp"
#include "core/time.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"

namespace headwater::rest {
namespace {

constexpr std::int64_t kCountedAtMost = 10'000;

std::int64_t events_after(const Services& services, const Stream& stream, Position position) {
    Stream there = stream;
    there.cursor = services.log.cursor_at(position);
    return services.registry_store.lag_events(there);
}

/// How many events it will have sent: what is done, and what is left by counting, or, beyond 10,000, by how
/// far it has come.
std::int64_t estimate_total(const Services& services, const Stream& stream, const Replay& replay,
                            std::int64_t done) {
    if (replay.state != ReplayState::running) return done;
    if (replay.what.only_dead) {
        const StreamId id = stream.id;
        return done + services.deliveries.count_dead({&id, 1}).front();
    }
    const Position cursor = std::max(replay.cursor.position, replay.what.after);
    const std::int64_t left = events_after(services, stream, cursor);
    if (left < kCountedAtMost) {
        return done + std::max<std::int64_t>(left - events_after(services, stream, replay.what.through), 0);
    }
    const auto ids_done = static_cast<double>(cursor.value - replay.what.after.value);
    const auto ids = static_cast<double>(replay.what.through.value - replay.what.after.value);
    if (done == 0 || ids_done <= 0) return static_cast<std::int64_t>(ids);
    return static_cast<std::int64_t>(static_cast<double>(done) * ids / ids_done);
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
    object.number("done", done).number("total", estimate_total(request.services(), stream, replay, done));
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
