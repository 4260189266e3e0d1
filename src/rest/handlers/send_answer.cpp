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
    return outcome.is_ephemeral ? 202 : 201;
}

void append_taken(std::string& out, const RequestContext& request, const SentOutcome& outcome,
                  bool with_status) {
    JsonObject object(out);
    if (with_status) object.number("status", status_of(outcome));
    object.text("id", to_string(outcome.appended.id))
        .text("type", outcome.type)
        .text("created_at", format_time(outcome.appended.created_at));
    if (outcome.is_ephemeral) object.boolean("stored", false);
    if (outcome.appended.outcome == Appended::Outcome::duplicate) object.boolean("duplicate", true);
    if (!outcome.is_ephemeral) {
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
        } else {
            out += outcome.refusal ? refused_item_json(*outcome.refusal) : outcome.appended.answer;
        }
    }
    return out + "]";
}

bool is_old(const SentOutcome& outcome) {
    return !outcome.is_taken() || outcome.appended.outcome == Appended::Outcome::duplicate;
}

/// Of outcomes that are all refusals.
std::optional<Refusal::Kind> common_kind(std::span<const SentOutcome> outcomes) {
    const Refusal::Kind first = outcomes.front().refusal->kind;
    const bool is_common =
        std::ranges::all_of(outcomes, [&](const SentOutcome& o) { return o.refusal->kind == first; });
    return is_common ? std::optional(first) : std::nullopt;
}

}  // namespace

SentOutcome make_outcome(std::string_view type, bool is_ephemeral, Appended appended) {
    switch (appended.outcome) {
        case Appended::Outcome::stored:
        case Appended::Outcome::duplicate:
        case Appended::Outcome::refused:
            return {type, is_ephemeral, std::move(appended), std::nullopt};
        case Appended::Outcome::conflict:
            return make_refused_outcome(
                {Refusal::Kind::idempotency_conflict,
                 "The same idempotency key came before with another type, subject or payload."});
        case Appended::Outcome::unregistered:
            return make_refused_outcome(
                {Refusal::Kind::unregistered_type,
                 fmt::format("The event type '{}' is not registered; the event was discarded.", type)});
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

std::string refused_item_json(const Refusal& refusal) {
    std::string json;
    JsonObject object(json);
    object.number("status", problem_type(refusal.kind).status).json("problem", problem_json(refusal, ""));
    object.end();
    return json;
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
    if (std::ranges::all_of(outcomes, is_old)) object.boolean("duplicate", true);
    object.json("results", results);
    object.end();
    return response;
}

}  // namespace headwater::rest
