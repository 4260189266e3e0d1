#include "core/failing_rows.hpp"

#include "core/failing_lane.hpp"

namespace headwater {

FailingEvent row_of(const DeliveryWindow::Item& item, FailingState state, const StreamMoment& moment) {
    const Event& event = *item.event;
    return {.id = event.id,
            .at = event.created_at,
            .expires_at = event.expires_at,
            .subject = event.subject,
            .state = state,
            .attempts = item.attempts,
            .next_attempt = state == FailingState::retrying ? to_wall(item.due, moment) : moment.now,
            .last_error = item.last_error,
            .last_status = item.last_status,
            .died_at = std::nullopt,
            .progress = item.progress};
}

Attempt attempt_of(const Attempt& about, const DeliveryResult& result, const StreamMoment& moment) {
    Attempt attempt{.event = about.event,
                    .attempt = about.attempt,
                    .at = moment.now,
                    .duration = result.duration,
                    .outcome = result.outcome,
                    .status = result.status,
                    .reason = result.reason,
                    .response = {},
                    .replay = about.replay};
    if (result.outcome != DeliveryResult::Outcome::delivered) attempt.response = result.response;
    return attempt;
}

}  // namespace headwater
