#include <fmt/format.h>

#include <utility>

#include "core/attempt_log.hpp"
#include "core/delivery_store.hpp"
#include "core/json_text.hpp"
#include "core/registry_store.hpp"
#include "core/stream_tester.hpp"
#include "core/time.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/registry_change.hpp"
#include "rest/handlers/stream_lookup.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/refusals.hpp"
#include "rest/stream_figures.hpp"

namespace headwater::rest {
namespace {

std::string to_seconds(std::chrono::microseconds time) {
    return fmt::format("{:.6f}", std::chrono::duration<double>(time).count());
}

/// What a destination answered, or why it did not: bytes that others chose.
void append_words(JsonObject& object, const std::string& reason, const std::string& response) {
    if (!reason.empty()) object.text("reason", to_valid_utf8(reason));
    if (!response.empty()) object.text("response", to_valid_utf8(response));
}

Response not_to_be_kept(Response response) {
    response.set("Cache-Control", "no-store");
    return response;
}

Response test_response(const RequestContext& request, const Stream& stream, const DeliveryResult& result) {
    Response response;
    JsonObject object(response.body);
    object.boolean("delivered", result.outcome == DeliveryResult::Outcome::delivered)
        .text("result", to_string(result.outcome));
    if (result.status != 0) object.number("status", result.status);
    object.json("duration_seconds", to_seconds(result.duration));
    append_words(object, result.reason, result.response);
    Links links;
    links.add("stream", stream_address(request, stream.id));
    links.append_json(object.begin("links"));
    object.end();
    return not_to_be_kept(std::move(response));
}

void append_attempt(std::string& out, const RequestContext& request, const Attempt& attempt) {
    JsonObject object(out);
    object.text("event", to_string(attempt.event)).number("attempt", attempt.attempt);
    if (attempt.replay.value != 0) object.text("replay", to_string(attempt.replay));
    object.text("at", format_time(attempt.at)).text("result", to_string(attempt.outcome));
    if (attempt.status != 0) object.number("status", attempt.status);
    object.json("duration_seconds", to_seconds(attempt.duration));
    append_words(object, attempt.reason, attempt.response);
    Links links;
    links.add("event", event_address(request, attempt.event));
    links.append_json(object.begin("links"));
    object.end();
}

HandlerResult list_of_attempts(const RequestContext& request, const Stream& stream) {
    const Services& services = request.services();
    const Stream* one = &stream;
    const StreamFigures figures = std::move(figures_of(services, {&one, 1}, FigureDepth::standing).front());
    Response response;
    JsonObject object(response.body);
    std::string& list = object.begin("attempts");
    list += '[';
    const auto attempts = services.attempts ? services.attempts(stream.id) : std::vector<Attempt>();
    for (const Attempt& attempt : attempts) {
        if (list.back() != '[') list += ',';
        append_attempt(list, request, attempt);
    }
    list += ']';
    if (!figures.node.empty()) object.text("node", figures.node);
    if (!figures.status) object.boolean("elsewhere", true);
    Links links;
    links.add("self", stream_address(request, stream.id) + "/attempts");
    links.add("stream", stream_address(request, stream.id));
    links.append_json(object.begin("links"));
    object.end();
    return not_to_be_kept(std::move(response));
}

/// The event that a strict stream cannot get past; nothing when it is on its way.
std::optional<EventId> failing_head(const Services& services, const Stream& stream) {
    const StreamFigures figures = figures_of(services, stream);
    if (figures.status && figures.status->head) return figures.status->head->event;
    if (figures.state == StreamState::running) return std::nullopt;
    const auto next = next_event(services, stream, figures.cursor);
    return next ? std::optional((*next)->id) : std::nullopt;
}

HandlerResult skip_head(const RequestContext& request, const Stream& stream) {
    if (stream.definition.order != StreamOrder::strict) {
        return refuse(
            Refusal::Kind::conflict,
            "Only a strict stream has a head to skip; this one sets failing events aside by itself.");
    }
    const auto event = failing_head(request.services(), stream);
    if (!event) return refuse(Refusal::Kind::conflict, "No event stands in this stream's way.");
    if (auto skipped = request.services().deliveries.skip(stream.id, *event); !skipped)
        return std::unexpected(std::move(skipped.error()));
    Response response;
    JsonObject object(response.body);
    object.boolean("acknowledge", true).text("skipped", to_string(*event));
    Links links;
    links.add("event", event_address(request, *event));
    links.add("stream", stream_address(request, stream.id));
    links.add("dead", stream_address(request, stream.id) + "/dead");
    links.append_json(object.begin("links"));
    object.end();
    return response;
}

HandlerResult rotate_stream_secret(const RequestContext& request, const Stream& stream) {
    const Services& services = request.services();
    const SinkType* sink = find_sink_type(services.sinks, stream.definition.source);
    if (sink == nullptr)
        return refuse(Refusal::Kind::conflict, "This node does not know this kind of stream.");
    auto rotated = sink->rotate_secret(stream.definition.destination, services.clock.now());
    if (!rotated) return refuse(Refusal::Kind::conflict, rotated.error());
    StreamDefinition definition = stream.definition;
    definition.destination = std::move(rotated->json);
    const auto stored = services.registry_store.put_stream(stream.owner_type, definition, stream.version);
    if (!stored) return refuse(Refusal::Kind::conflict, "The stream was changed meanwhile; try again.");
    registry_has_changed(services);
    Response response;
    JsonObject object(response.body);
    object.text("id", to_string(stream.id)).text("name", definition.name).members(rotated->shown_once);
    Links links;
    links.add("stream", stream_address(request, stream.id));
    links.append_json(object.begin("links"));
    object.end();
    return not_to_be_kept(std::move(response));
}

}  // namespace

Awaitable<HandlerResult> test_stream(RequestContext& request) {
    auto find = [&request] { return find_stream(request); };
    const auto stream = co_await offload(request, find);
    if (!stream) co_return std::unexpected(stream.error());
    auto start = [&request, &stream](auto done) {
        const Services& services = request.services();
        services.tester.test(*stream, make_test_event(*stream, services.clock.now()), std::move(done));
    };
    auto outcome = co_await await_completion<StreamTester::Outcome>(request.mailbox(), start);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    co_return test_response(request, *stream, *outcome);
}

Awaitable<HandlerResult> skip_event(RequestContext& request) {
    co_return co_await with_stream(request, [&](const Stream& stream) { return skip_head(request, stream); });
}

Awaitable<HandlerResult> rotate_secret(RequestContext& request) {
    co_return co_await with_stream(
        request, [&](const Stream& stream) { return rotate_stream_secret(request, stream); });
}

Awaitable<HandlerResult> list_attempts(RequestContext& request) {
    co_return co_await with_stream(request,
                                   [&](const Stream& stream) { return list_of_attempts(request, stream); });
}

}  // namespace headwater::rest
