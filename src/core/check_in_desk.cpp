#include "core/check_in_desk.hpp"

#include <string_view>
#include <vector>

#include "core/monitor_metrics.hpp"

namespace headwater {
namespace {

using Desk = CommitDesk<CheckIn, CheckInOutcome>;

std::string_view word_of(CheckInOutcome outcome) {
    switch (outcome) {
        case CheckInOutcome::recorded:
            return "recorded";
        case CheckInOutcome::unknown_monitor:
            return "unknown";
        case CheckInOutcome::wrong_key:
            return "wrong-key";
    }
    return "";
}

Desk::Options options() {
    return {.name = "check-ins",
            .when_full = "The queue of check-ins is full.",
            .when_away = "The event store is away; check in again."};
}

Desk::Record record_with(std::unique_ptr<CheckInWriter> writer, MonitorMetrics& metrics) {
    return [writer = std::move(writer), &metrics](std::span<const CheckIn> check_ins) {
        std::vector<CheckInOutcome> outcomes = writer->record(check_ins).outcomes;
        for (const CheckInOutcome outcome : outcomes) metrics.check_in(word_of(outcome));
        return outcomes;
    };
}

}  // namespace

CheckInDesk::CheckInDesk(std::unique_ptr<CheckInWriter> writer, MonitorMetrics& metrics)
    : desk_(options(), record_with(std::move(writer), metrics)) {}

}  // namespace headwater
