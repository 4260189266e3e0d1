#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/appender.hpp"
#include "core/event_parser.hpp"
#include "core/intake.hpp"
#include "core/registry.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/send_answer.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"
#include "rest/registry_refresher.hpp"
#include "rest/sent_body.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kMaxKeyLength = 255;

using Admitted = std::vector<std::expected<NewEvent, Refusal>>;

Admitted admit(const SentItems& items, const RegistryView& registry) {
    Admitted admitted;
    admitted.reserve(items.size());
    for (const auto& item : items) {
        if (item) {
            admitted.push_back(to_new_event(*item, registry));
        } else {
            admitted.emplace_back(std::unexpect, item.error());
        }
    }
    return admitted;
}

bool is_unregistered(const std::expected<NewEvent, Refusal>& item) {
    return !item && item.error().kind == Refusal::Kind::unregistered_type;
}

/// A type may have been registered a moment ago, on another node: nothing is discarded before the database
/// was asked.
Awaitable<void> admit_late_types(RequestContext& request, const SentItems& items, Admitted& admitted) {
    auto start = [&request](auto done) { request.registry_refresher().refresh(std::move(done)); };
    const bool is_fresh = co_await await_completion<bool>(request.mailbox(), start);
    const RegistryViewPtr registry = request.services().registry.view();
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!is_unregistered(admitted[i])) continue;
        if (is_fresh) {
            admitted[i] = to_new_event(*items[i], *registry);
        } else {
            admitted[i] =
                refuse(Refusal::Kind::unavailable, "Whether the type is registered cannot be learnt now.");
        }
    }
}

/// The header's key, if it has one. It holds for the whole request: each item gets its own key under it.
std::expected<void, Refusal> apply_request_key(const RequestContext& request, Admitted& admitted) {
    const auto key = request.headers().find("Idempotency-Key");
    if (!key) return {};
    const bool is_printable = std::ranges::all_of(*key, [](char c) { return c >= ' ' && c <= '~'; });
    if (key->empty() || key->size() > kMaxKeyLength || !is_printable) {
        return refuse(Refusal::Kind::malformed,
                      "The Idempotency-Key must be 1 to 255 printable ASCII characters.");
    }
    const Digest body = digest_of({request.body()});
    for (std::size_t i = 0; i < admitted.size(); ++i) {
        if (admitted[i]) admitted[i]->keys.push_back(request_key("", *key, i, body));
    }
    return {};
}

/// Appends what was admitted; the answer has one outcome per admitted event.
Awaitable<Appender::Answer> append(RequestContext& request, Admitted& admitted) {
    std::vector<NewEvent> events;
    events.reserve(admitted.size());
    for (auto& item : admitted) {
        if (item) events.push_back(std::move(*item));
    }
    if (events.empty()) co_return std::vector<Appended>{};
    auto start = [&request, &events](auto done) {
        request.services().appender.submit(std::move(events), std::move(done));
    };
    co_return co_await await_completion<Appender::Answer>(request.mailbox(), start);
}

std::vector<SentOutcome> outcomes_of(Admitted& admitted, const std::vector<EventTypePtr>& types,
                                     const std::vector<Appended>& appended) {
    std::vector<SentOutcome> outcomes;
    outcomes.reserve(admitted.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < admitted.size(); ++i) {
        outcomes.push_back(admitted[i] ? make_outcome(types[i], appended[next++])
                                       : make_refused_outcome(std::move(admitted[i].error())));
    }
    return outcomes;
}

std::vector<EventTypePtr> types_of(const Admitted& admitted) {
    std::vector<EventTypePtr> types;
    types.reserve(admitted.size());
    for (const auto& item : admitted) types.push_back(item ? item->type : nullptr);
    return types;
}

}  // namespace

Awaitable<HandlerResult> send_events(RequestContext& request) {
    auto sent = co_await read_sent_body(request);
    if (!sent) co_return std::move(sent.error());
    Admitted admitted = admit(sent->items, *request.services().registry.view());
    if (std::ranges::any_of(admitted, is_unregistered))
        co_await admit_late_types(request, sent->items, admitted);
    if (auto keyed = apply_request_key(request, admitted); !keyed)
        co_return std::unexpected(std::move(keyed.error()));
    const std::vector<EventTypePtr> types = types_of(admitted);
    auto appended = co_await append(request, admitted);
    if (!appended) co_return std::unexpected(std::move(appended.error()));
    const std::vector<SentOutcome> outcomes = outcomes_of(admitted, types, *appended);
    if (sent->is_batch) co_return answer_batch(request, outcomes);
    co_return answer_single(request, outcomes.front());
}

}  // namespace headwater::rest
