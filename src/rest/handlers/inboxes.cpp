#include <algorithm>
#include <optional>
#include <utility>

#include "core/event_log.hpp"
#include "core/inbox.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/room_answer.hpp"
#include "rest/live_upgrade.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"
#include "rest/room_identity.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kPage = 500;
constexpr int kMaxPages = 40;  // an inbox whose life has more turns than that is read from where they end

/// The inbox's life: now, and as it was at `since`.
struct Lives {
    InboxLife now;
    InboxLife then;
};

Lives read_life(LogReader& log, std::string_view inbox, Position since) {
    Lives lives;
    Cursor cursor = log.cursor_at(Position{});
    for (int page = 0; page < kMaxPages; ++page) {
        LogRead what{.after = cursor, .types = &inbox_life_types(), .limit = kPage};
        what.subject = inbox;
        const LogPage read = log.read(what);
        for (const EventPtr& event : read.events) {
            lives.now.apply(event->type, event->id, event->created_at);
            if (event->id <= since) lives.then.apply(event->type, event->id, event->created_at);
        }
        if (read.is_last || read.events.empty()) break;
        cursor = {read.events.back()->id, read.events.back()->created_at};
    }
    return lives;
}

/// Everything up to here was seen; of the next event perhaps a part.
Position position_of(const InboxPlace& place) {
    return place.message > 0 ? Position{place.event.value - 1} : place.event;
}

/// The closing message was seen, and nothing has opened the inbox since.
bool is_over(const std::optional<InboxPlace>& place, const InboxLife& life) {
    return place && place->is_closing && life.begin() < place->event;
}

std::expected<std::optional<InboxPlace>, Refusal> parse_place(const RequestContext& request) {
    const std::string_view text = request.headers().find("Last-Event-ID").value_or("");
    if (text.empty()) return std::nullopt;
    const auto place = parse_inbox_place(text);
    if (!place)
        return refuse(Refusal::Kind::malformed, "The Last-Event-ID must be one that this inbox has given.");
    return place;
}

/// Nothing when there is nothing more to read.
std::optional<LiveRequest> plan(RequestContext& request, const std::string& inbox,
                                const std::optional<InboxPlace>& place) {
    Position since = place ? position_of(*place) : Position{};
    const Lives lives = read_life(request.services().log, inbox, since);
    if (is_over(place, lives.now)) return std::nullopt;
    LiveRequest live{.types = inbox_types(), .subject = inbox, .since = {}, .is_named = false};
    live.inbox.emplace();
    if (since < lives.now.begin()) {
        since = lives.now.begin();  // an earlier life, which has ended
    } else {
        live.inbox->life = lives.then;
        if (place && place->message > 0) {
            live.inbox->seen_event = place->event;
            live.inbox->seen_messages = place->message;
        }
    }
    live.since = since;
    return live;
}

}  // namespace

Awaitable<HandlerResult> get_inbox(RequestContext& request) {
    if (!has_credential(request) || !request.caller().is_good())
        co_return unauthorized(request, "Unauthorized");
    if (!request.caller().may(Scope::read, kInboxMessages)) co_return forbidden(request);
    const std::string inbox(request.query.find("stream").value_or(""));
    if (!is_inbox_name(inbox)) {
        co_return refuse(Refusal::Kind::malformed,
                         "Say which inbox to read: ?stream={id}, 1 to 200 bytes without control characters.");
    }
    const auto place = parse_place(request);
    if (!place) co_return std::unexpected(place.error());
    auto work = [&] { return plan(request, inbox, *place); };
    auto live = co_await offload(request, work);
    if (!live) co_return empty_response(204);
    co_return go_live_with(request, std::move(*live));
}

}  // namespace headwater::rest
