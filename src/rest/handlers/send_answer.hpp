#pragma once

#include <optional>
#include <span>

#include "core/errors.hpp"
#include "core/event_log.hpp"
#include "core/event_type.hpp"
#include "rest/request_context.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// What became of one sent item: it has a place in the log, or it was refused.
struct SentOutcome {
    EventTypePtr type{};  ///< null when refused
    Appended appended{};  ///< stored or duplicate, when not refused
    std::optional<Refusal> refusal{};

    [[nodiscard]] bool is_taken() const { return !refusal; }
};

[[nodiscard]] SentOutcome make_outcome(const EventTypePtr& type, const Appended& appended);
[[nodiscard]] SentOutcome make_refused_outcome(Refusal refusal);

/// 201, 202 (ephemeral), 200 (a repeat) or the refusal.
[[nodiscard]] HandlerResult answer_single(const RequestContext& request, const SentOutcome& outcome);
/// 200 when all were taken, 207 when some were, 422 when none was.
[[nodiscard]] Response answer_batch(const RequestContext& request, std::span<const SentOutcome> outcomes);

}  // namespace headwater::rest
