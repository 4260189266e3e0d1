#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/event_log.hpp"
#include "rest/request_context.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// What became of one sent item: it has a place in the log, or it was refused.
struct SentOutcome {
    std::string_view type{};  ///< its name, when not refused
    bool is_ephemeral = false;
    Appended appended{};  ///< stored or duplicate, when not refused
    std::optional<Refusal> refusal{};

    /// Not refused, neither now nor in the first answer to a repeated request.
    [[nodiscard]] bool is_taken() const { return !refusal && appended.outcome != Appended::Outcome::refused; }
};

/// `type` outlives the outcome.
[[nodiscard]] SentOutcome make_outcome(std::string_view type, bool is_ephemeral, Appended appended);
[[nodiscard]] SentOutcome make_refused_outcome(Refusal refusal);

/// What results[] says about a refused item.
[[nodiscard]] std::string refused_item_json(const Refusal& refusal);

/// 201, 202 (ephemeral), 200 (a repeat) or the refusal.
[[nodiscard]] HandlerResult answer_single(const RequestContext& request, const SentOutcome& outcome);
/// 200 when all were taken, 207 when some were, 422 when none was; "duplicate" when no taken one is new.
[[nodiscard]] Response answer_batch(const RequestContext& request, std::span<const SentOutcome> outcomes);

}  // namespace headwater::rest
