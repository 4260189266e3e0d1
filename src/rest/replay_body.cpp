#include "rest/replay_body.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <string>

#include "core/event_log.hpp"
#include "core/feed.hpp"
#include "core/time.hpp"
#include "rest/json_body.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::array<std::string_view, 4> kMembers{"from", "to", "only", "rate"};
constexpr int kMaxRate = 100'000;
constexpr Position kEnd{std::numeric_limits<std::int64_t>::max()};

std::expected<std::optional<ReplayBound>, Refusal> read_bound(const JsonMembers& members,
                                                              std::string_view name) {
    const auto given = members.find(name);
    if (!given) return std::nullopt;
    if (const auto text = json_string(*given)) {
        if (const auto id = parse_id<EventId>(*text); id && id->value > 0) return ReplayBound(*id);
        if (const auto time = parse_rfc3339(*text)) return ReplayBound(*time);
    }
    return refuse_field("/" + std::string(name),
                        "An event's id or a time (RFC 3339), as a string, is needed here.");
}

std::expected<bool, Refusal> read_only(const JsonMembers& members) {
    const auto given = members.find("only");
    if (!given) return false;
    if (json_string(*given) == "dead") return true;
    return refuse_field("/only", "\"dead\" is the only value.");
}

std::expected<std::optional<int>, Refusal> read_rate(const JsonMembers& members) {
    const auto given = members.find("rate");
    if (!given) return std::nullopt;
    int rate = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), rate);
    const bool is_whole = error == std::errc{} && end == given->data() + given->size();
    if (is_whole && rate >= 1 && rate <= kMaxRate) return rate;
    return refuse_field("/rate", "A whole number of events a second from 1 to 100000 is needed here.");
}

/// True when both are of one kind and the first lies behind the second.
bool is_reversed(const std::optional<ReplayBound>& from, const std::optional<ReplayBound>& to) {
    return from && to && from->index() == to->index() && *from > *to;
}

/// The first event of the stream at or after this time.
std::optional<EventId> first_at(const Services& services, const Stream& stream, Timestamp time) {
    FeedQuery query;
    query.from = time;
    query.to = Timestamp::max();
    query.order = FeedOrder::asc;
    query.limit = 1;
    query.types = stream.owner_type.empty() ? stream.definition.types
                                            : TypeFilter::from_list({stream.owner_type}).value();
    const FeedPage page = services.feeds.page(query);
    if (page.entries.empty()) return std::nullopt;
    return page.entries.front().event->id;
}

}  // namespace

std::expected<ReplayBody, Refusal> parse_replay(std::string_view json) {
    const auto members = JsonMembers::read(json, kMembers);
    if (!members) return std::unexpected(members.error());
    const auto from = read_bound(*members, "from");
    if (!from) return std::unexpected(from.error());
    const auto to = read_bound(*members, "to");
    if (!to) return std::unexpected(to.error());
    const auto only_dead = read_only(*members);
    if (!only_dead) return std::unexpected(only_dead.error());
    const auto rate = read_rate(*members);
    if (!rate) return std::unexpected(rate.error());
    if (!*from && !*only_dead) return refuse_field("/from", "The event or time to begin with is missing.");
    if (is_reversed(*from, *to)) return refuse_field("/to", "The end lies before the beginning.");
    return ReplayBody{*from, *to, *only_dead, *rate};
}

ReplayRequest to_request(const Services& services, const Stream& stream, const ReplayBody& body) {
    const auto before = [](std::optional<EventId> event, Position otherwise) {
        return event ? Position{event->value - 1} : otherwise;
    };
    ReplayRequest request{.after = {}, .through = kEnd, .only_dead = body.only_dead, .rate = body.rate};
    if (body.to) {
        const auto* id = std::get_if<EventId>(&*body.to);
        request.through = id ? *id : before(first_at(services, stream, std::get<Timestamp>(*body.to)), kEnd);
    }
    if (body.from) {
        const auto* id = std::get_if<EventId>(&*body.from);
        request.after = id ? Position{id->value - 1}
                           : before(first_at(services, stream, std::get<Timestamp>(*body.from)),
                                    services.log.head().position);
    }
    request.through = std::max(request.through, request.after);
    return request;
}

}  // namespace headwater::rest
