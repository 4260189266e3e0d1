#include <algorithm>
#include <array>
#include <utility>

#include "core/acknowledger.hpp"
#include "core/event_log.hpp"
#include "core/log_tail.hpp"
#include "rest/client_name.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/json_body.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"
#include "rest/request_body.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kAcknowledged = R"({"acknowledge":true})";
constexpr std::array<std::string_view, 3> kMembers{"ids", "through", "types"};
constexpr std::size_t kMaxIds = 10'000;

std::unexpected<Refusal> bad_client() {
    return refuse(Refusal::Kind::malformed, "A client's name is 1 to 100 characters of [A-Za-z0-9_.:@-].");
}

std::unexpected<Refusal> no_such_event() {
    return refuse(Refusal::Kind::not_found, "There is no event with this id yet.");
}

/// True when the log has reached this id. The tail mostly knows; only past it the log itself is asked.
Awaitable<bool> has_been_stored(RequestContext& request, EventId id) {
    if (id.value <= 0) co_return false;
    if (id <= request.services().tail.position()) co_return true;
    auto work = [&request] { return request.services().log.head().position; };
    const Position head = co_await offload(request, work);
    co_return id <= head;
}

/// Of events that the key may not acknowledge nothing is noted; the answer does not tell which they are.
Awaitable<void> leave_out_forbidden(RequestContext& request, Acknowledgement& acknowledgement) {
    const auto limit = request.caller().limit(Scope::ack);
    if (!limit) co_return;
    if (acknowledgement.through) {
        acknowledgement.types =
            acknowledgement.all_types ? *limit : TypeFilter::both(acknowledgement.types, *limit);
        acknowledgement.all_types = false;
        co_return;
    }
    auto work = [&] {
        std::erase_if(acknowledgement.ids, [&](EventId id) {
            const auto event = request.services().log.find(id);
            return !event || !limit->matches((*event)->type);
        });
        return true;
    };
    co_await offload(request, work);
}

Awaitable<HandlerResult> apply(RequestContext& request, Acknowledgement acknowledgement) {
    co_await leave_out_forbidden(request, acknowledgement);
    if (acknowledgement.ids.empty() && !acknowledgement.through)
        co_return json_response(200, std::string(kAcknowledged));
    using Answer = std::expected<void, Refusal>;
    auto start = [&request, &acknowledgement](auto done) {
        request.services().acknowledger.submit(std::move(acknowledgement), std::move(done));
    };
    auto answer = co_await await_completion<Answer>(request.mailbox(), start);
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    co_return json_response(200, std::string(kAcknowledged));
}

std::expected<std::vector<EventId>, Refusal> read_ids(std::string_view json) {
    const auto texts = json_strings(json);
    if (!texts) return refuse_field("/ids", "An array of event ids (strings) is needed here.");
    if (texts->size() > kMaxIds) return refuse_field("/ids", "At most 10,000 ids are taken at once.");
    std::vector<EventId> ids;
    ids.reserve(texts->size());
    for (std::size_t i = 0; i < texts->size(); ++i) {
        const auto id = parse_id<EventId>((*texts)[i]);
        if (!id || id->value == 0)
            return refuse_field("/ids/" + std::to_string(i), "This is not an event's id.");
        ids.push_back(*id);
    }
    return ids;
}

std::expected<void, Refusal> read_through(const JsonMembers& members, std::string_view json,
                                          Acknowledgement& acknowledgement) {
    const auto text = json_string(json);
    acknowledgement.through = text ? parse_id<EventId>(*text) : std::nullopt;
    if (!acknowledgement.through) return refuse_field("/through", "An event's id (a string) is needed here.");
    const auto types = members.find("types");
    if (!types) return {};
    const auto filters = json_strings(*types);
    if (!filters) return refuse_field("/types", "An array of type filters is needed here.");
    auto parsed = TypeFilter::from_list(*filters);
    if (!parsed) return refuse_field("/types", parsed.error());
    acknowledgement.types = std::move(*parsed);
    acknowledgement.all_types = false;
    return {};
}

std::expected<Acknowledgement, Refusal> read_acknowledgement(std::string_view body) {
    const auto members = JsonMembers::read(body, kMembers);
    if (!members) return std::unexpected(members.error());
    const auto ids = members->find("ids");
    const auto through = members->find("through");
    if (ids.has_value() == through.has_value()) {
        return refuse_field("", "Either \"ids\" or \"through\" is needed here.");
    }
    Acknowledgement acknowledgement;
    if (through) {
        if (auto read = read_through(*members, *through, acknowledgement); !read)
            return std::unexpected(read.error());
        return acknowledgement;
    }
    if (members->find("types")) return refuse_field("/types", "Types go with \"through\" only.");
    auto parsed = read_ids(*ids);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    acknowledgement.ids = std::move(*parsed);
    return acknowledgement;
}

struct Newest {
    EventId id;
    std::string pointer;
};

Newest newest_of(const Acknowledgement& acknowledgement) {
    if (acknowledgement.through) return {*acknowledgement.through, "/through"};
    const auto newest = std::ranges::max_element(acknowledgement.ids);
    return {*newest, "/ids/" + std::to_string(newest - acknowledgement.ids.begin())};
}

}  // namespace

Awaitable<HandlerResult> acknowledge_event(RequestContext& request) {
    Acknowledgement acknowledgement;
    acknowledgement.client = request.path("client");
    if (!is_client_name(acknowledgement.client)) co_return bad_client();
    const auto id = parse_id<EventId>(request.path("id"));
    if (!id || !co_await has_been_stored(request, *id)) co_return no_such_event();
    acknowledgement.ids.push_back(*id);
    co_return co_await apply(request, std::move(acknowledgement));
}

Awaitable<HandlerResult> acknowledge_events(RequestContext& request) {
    const std::string& client = request.path("client");
    if (!is_client_name(client)) co_return bad_client();
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto acknowledgement = read_acknowledgement(request.body());
    if (!acknowledgement) co_return std::unexpected(std::move(acknowledgement.error()));
    if (acknowledgement->ids.empty() && !acknowledgement->through) {
        co_return json_response(200, std::string(kAcknowledged));
    }
    const Newest newest = newest_of(*acknowledgement);
    if (!co_await has_been_stored(request, newest.id)) {
        co_return refuse_field(newest.pointer, "There is no event with this id yet.");
    }
    acknowledgement->client = client;
    co_return co_await apply(request, std::move(*acknowledgement));
}

Awaitable<HandlerResult> forget_client(RequestContext& request) {
    if (!is_client_name(request.path("client"))) co_return bad_client();
    if (request.caller().types(Scope::ack) != nullptr) {
        co_return refuse(
            Refusal::Kind::forbidden,
            "This key allows acknowledging some types only, and a client is forgotten as a whole.");
    }
    auto work = [&request] { return request.services().ack_store.forget(request.path("client")); };
    const bool was_known = co_await offload(request, work);
    if (!was_known)
        co_return refuse(Refusal::Kind::not_found, "No client of this name has processed anything.");
    co_return empty_response(204);
}

}  // namespace headwater::rest
