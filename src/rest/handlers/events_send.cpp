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

/// Whether a type that the key may not send is registered is not told either.
std::expected<NewEvent, Refusal> admit_one(const SentEvent& sent, const RegistryView& registry,
                                           const Caller& caller) {
    if (caller.may(Scope::send, sent.type)) return to_new_event(sent, registry);
    return refuse(Refusal::Kind::forbidden, "This key does not allow sending events of this type.");
}

Admitted admit(const SentItems& items, const RegistryView& registry, const Caller& caller) {
    Admitted admitted;
    admitted.reserve(items.size());
    for (const auto& item : items) {
        if (item) {
            admitted.push_back(admit_one(*item, registry, caller));
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

/// The key of the whole request, if it has one.
std::expected<std::optional<IdempotencyKey>, Refusal> key_of(const RequestContext& request,
                                                             const SentBody& sent) {
    const auto key = request.headers().find("Idempotency-Key");
    if (!key) return std::nullopt;
    const bool is_printable = std::ranges::all_of(*key, [](char c) { return c >= ' ' && c <= '~'; });
    if (key->empty() || key->size() > kMaxKeyLength || !is_printable) {
        return refuse(Refusal::Kind::malformed,
                      "The Idempotency-Key must be 1 to 255 printable ASCII characters.");
    }
    const KeyId holder = request.caller().key();
    return request_key(holder == KeyId{} ? "" : to_string(holder), *key, sent, request.body());
}

/// Under a key there is one answer for good: it must not say of an item that nothing can be said yet.
std::expected<void, Refusal> check_answerable(const Admitted& admitted) {
    for (const auto& item : admitted) {
        if (!item && item.error().kind == Refusal::Kind::unavailable) return std::unexpected(item.error());
    }
    return {};
}

/// What is appended: the admitted events; under a key also the places of the others, since a repeat must find
/// them again.
std::vector<NewEvent> events_of(Admitted& admitted, bool is_keyed) {
    std::vector<NewEvent> events;
    events.reserve(admitted.size());
    for (auto& item : admitted) {
        if (item) {
            events.push_back(std::move(*item));
        } else if (is_keyed) {
            events.emplace_back().payload = refused_item_json(item.error());
        }
    }
    return events;
}

Awaitable<Appender::Answer> append(RequestContext& request, std::vector<NewEvent> events,
                                   std::optional<IdempotencyKey> key) {
    if (events.empty()) co_return std::vector<Appended>{};
    auto start = [&](auto done) {
        request.services().appender.submit(std::move(events), std::move(done), key);
    };
    co_return co_await await_completion<Appender::Answer>(request.mailbox(), start);
}

bool is_ephemeral(const EventTypePtr& type) {
    return type && type->retention.is_ephemeral();
}

/// `appended` has one element per element of events_of().
std::vector<SentOutcome> outcomes_of(const SentItems& items, Admitted& admitted,
                                     const std::vector<EventTypePtr>& types, std::vector<Appended> appended) {
    const bool is_keyed = appended.size() == admitted.size();
    std::vector<SentOutcome> outcomes;
    outcomes.reserve(admitted.size());
    auto next = appended.begin();
    for (std::size_t i = 0; i < admitted.size(); ++i) {
        const bool has_outcome =
            admitted[i] ||
            (is_keyed && (next->outcome != Appended::Outcome::refused || !next->answer.empty()));
        if (has_outcome) {
            const std::string_view type = items[i] ? std::string_view(items[i]->type) : "";
            outcomes.push_back(make_outcome(type, is_ephemeral(types[i]), std::move(*next)));
        } else {
            outcomes.push_back(make_refused_outcome(std::move(admitted[i].error())));
        }
        if (admitted[i] || is_keyed) ++next;
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
    Admitted admitted = admit(sent->items, *request.services().registry.view(), request.caller());
    if (std::ranges::any_of(admitted, is_unregistered))
        co_await admit_late_types(request, sent->items, admitted);
    const auto key = key_of(request, *sent);
    if (!key) co_return std::unexpected(key.error());
    if (*key) {
        if (auto answerable = check_answerable(admitted); !answerable)
            co_return std::unexpected(std::move(answerable.error()));
    }
    const std::vector<EventTypePtr> types = types_of(admitted);
    auto appended = co_await append(request, events_of(admitted, key->has_value()), *key);
    if (!appended) co_return std::unexpected(std::move(appended.error()));
    const auto outcomes = outcomes_of(sent->items, admitted, types, std::move(*appended));
    if (sent->is_batch) co_return answer_batch(request, outcomes);
    co_return answer_single(request, outcomes.front());
}

}  // namespace headwater::rest
