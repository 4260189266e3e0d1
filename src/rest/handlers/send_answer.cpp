#include "rest/handlers/send_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/problem.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

int status_of(const SentOutcome& outcome) {
    if (outcome.refusal) return problem_type(outcome.refusal->kind).status;
    if (outcome.appended.outcome == Appended::Outcome::duplicate) return 200;
    return outcome.type->retention.is_ephemeral() ? 202 : 201;
}

void append_taken(std::string& out, const RequestContext& request, const SentOutcome& outcome,
                  bool with_status) {
    const bool is_ephemeral = outcome.type->retention.is_ephemeral();
    JsonObject object(out);
    if (with_status) object.number("status", status_of(outcome));
    object.text("id", to_string(outcome.appended.id))
        .text("type", outcome.type->name)
        .text("created_at", format_time(outcome.appended.created_at));
    if (is_ephemeral) object.boolean("stored", false);
    if (outcome.appended.outcome == Appended::Outcome::duplicate) object.boolean("duplicate", true);
    if (!is_ephemeral) {
        Links links;
        links.add("self", event_address(request, outcome.appended.id));
        links.append_json(object.begin("links"));
    }
    object.end();
}

std::string results_of(const RequestContext& request, std::span<const SentOutcome> outcomes) {
    std::string out = "[";
    for (const SentOutcome& outcome : outcomes) {
        if (out.size() > 1) out += ',';
        if (outcome.is_taken()) {
            append_taken(out, request, outcome, true);
            continue;
        }
        JsonObject object(out);
        object.number("status", status_of(outcome)).json("problem", problem_json(*outcome.refusal, ""));
        object.end();
    }
    return out + "]";
}

/// Of outcomes that are all refusals.
std::optional<Refusal::Kind> common_kind(std::span<const SentOutcome> outcomes) {
    const Refusal::Kind first = outcomes.front().refusal->kind;
    const bool is_common =
        std::ranges::all_of(outcomes, [&](const SentOutcome& o) { return o.refusal->kind == first; });
    return is_common ? std::optional(first) : std::nullopt;
}

}  // namespace

SentOutcome make_outcome(const EventTypePtr& type, const Appended& appended) {
    switch (appended.outcome) {
        case Appended::Outcome::stored:
        case Appended::Outcome::duplicate:
            return {type, appended, std::nullopt};
        case Appended::Outcome::conflict:
            return make_refused_outcome(
                {Refusal::Kind::idempotency_conflict,
                 "The same idempotency key came before with another type, subject or payload."});
        case Appended::Outcome::unregistered:
            return make_refused_outcome(
                {Refusal::Kind::unregistered_type,
                 fmt::format("The event type '{}' is not registered; the event was discarded.", type->name)});
        case Appended::Outcome::rejected:
            return make_refused_outcome({Refusal::Kind::invalid, "The event store cannot hold this event."});
    }
    return make_refused_outcome({Refusal::Kind::unavailable, "The outcome is not known."});
}

SentOutcome make_refused_outcome(Refusal refusal) {
    SentOutcome outcome;
    outcome.refusal = std::move(refusal);
    return outcome;
}

HandlerResult answer_single(const RequestContext& request, const SentOutcome& outcome) {
    if (outcome.refusal) return std::unexpected(*outcome.refusal);
    Response response;
    response.status = status_of(outcome);
    append_taken(response.body, request, outcome, false);
    if (response.status == 201) response.set("Location", event_address(request, outcome.appended.id));
    return response;
}

Response answer_batch(const RequestContext& request, std::span<const SentOutcome> outcomes) {
    const auto taken = std::ranges::count_if(outcomes, &SentOutcome::is_taken);
    const std::string results = results_of(request, outcomes);
    if (taken == 0) return batch_refused_response(results, common_kind(outcomes), request.request_id);
    Response response;
    response.status = std::cmp_equal(taken, outcomes.size()) ? 200 : 207;
    JsonObject object(response.body);
    object.json("results", results);
    object.end();
    return response;
}

}  // namespace headwater::rest
