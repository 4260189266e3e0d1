#include "rest/event_deliveries.hpp"

#include <algorithm>

#include "core/delivery_store.hpp"
#include "core/registry.hpp"
#include "core/time.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/stream_figures.hpp"

namespace headwater::rest {
namespace {

using FailingRows = std::vector<std::pair<StreamId, FailingEvent>>;

const FailingEvent* row_of(const FailingRows& rows, StreamId stream) {
    const auto found = std::ranges::find(rows, stream, &FailingRows::value_type::first);
    return found == rows.end() ? nullptr : &found->second;
}

void append_failure(JsonObject& object, int attempts, const std::string& error, int status) {
    object.number("attempts", attempts);
    if (!error.empty()) object.text("last_error", error);
    if (status != 0) object.number("last_status", status);
}

void append_row(JsonObject& object, const FailingEvent& row) {
    if (row.state == FailingState::held) {  // behind another event of its subject
        object.text("state", "pending");
        return;
    }
    object.text("state", to_string(row.state));
    append_failure(object, row.attempts, row.last_error, row.last_status);
    if (row.died_at) {
        object.text("died_at", format_time(*row.died_at));
    } else {
        object.text("next_attempt_at", format_time(row.next_attempt));
    }
}

/// Another node tells no more of a strict stream than that its head is failing.
bool is_failing_head(const Services& services, const Stream& stream, const StreamFigures& figures,
                     EventId event) {
    if (figures.status || stream.definition.order != StreamOrder::strict) return false;
    if (figures.state != StreamState::retrying) return false;
    const auto head = next_event(services, stream, figures.cursor);
    return head && (*head)->id == event;
}

void append_ahead(JsonObject& object, const Services& services, const Stream& stream,
                  const StreamFigures& figures, const Event& event) {
    const auto& head = figures.status ? figures.status->head : std::nullopt;
    if (head && head->event == event.id) {
        object.text("state", "retrying");
        append_failure(object, head->attempts, head->last_error, head->last_status);
        if (head->next_attempt) object.text("next_attempt_at", format_time(*head->next_attempt));
    } else if (is_failing_head(services, stream, figures, event.id)) {
        object.text("state", "retrying").text("last_error", figures.last_error);
    } else {
        object.text("state", event.expires_at <= services.clock.now() ? "expired" : "pending");
    }
}

/// What the cursor has passed on the node that runs the stream may have failed, and its row not be saved yet.
bool is_delivered(const StreamFigures& figures, EventId event) {
    if (event <= figures.saved.position) return true;
    return figures.status && figures.status->set_aside == 0 && event <= figures.cursor.position;
}

void append_delivery(std::string& out, const RequestContext& request, const Stream& stream,
                     const StreamFigures& figures, const Event& event, const FailingEvent* row) {
    JsonObject object(out);
    object.text("id", to_string(stream.id)).text("name", stream.definition.name);
    if (row != nullptr) {
        append_row(object, *row);
    } else if (event.id <= stream.start) {
        object.text("state", "not-registered-then");
    } else if (is_delivered(figures, event.id)) {
        object.text("state", "delivered");
    } else {
        append_ahead(object, request.services(), stream, figures, event);
    }
    Links links;
    links.add("stream", stream_address(request, stream.id));
    if (row != nullptr && row->state == FailingState::dead)
        links.add("retry", stream_address(request, stream.id) + "/dead/" + to_string(event.id) + "/retry");
    links.append_json(object.begin("links"));
    object.end();
}

}  // namespace

void append_deliveries(std::string& out, const RequestContext& request, const Event& event) {
    const Services& services = request.services();
    const RegistryViewPtr registry = services.registry.view();
    std::vector<const Stream*> streams;
    for (const Stream& stream : registry->streams()) {
        if (stream.wants(event.type)) streams.push_back(&stream);
    }
    // The cursors first: they were saved together with the rows of what they had passed.
    const auto figures = figures_of(services, streams, FigureDepth::standing);
    const FailingRows rows = streams.empty() ? FailingRows{} : services.deliveries.failing_of(event.id);
    out += '[';
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (i > 0) out += ',';
        append_delivery(out, request, *streams[i], figures[i], event, row_of(rows, streams[i]->id));
    }
    out += ']';
}

}  // namespace headwater::rest
