#include "core/row_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace headwater {

void RowLedger::write(FailingEvent row) {
    settled_.erase(row.id);
    expired_.erase(row.id);
    if (is_reading_ && row.state == FailingState::dead) left_.insert(row.id);
    written_.insert_or_assign(row.id, std::move(row));
}

void RowLedger::settle(EventId event) {
    written_.erase(event);
    settled_.insert(event);
    if (is_reading_) left_.insert(event);
}

void RowLedger::expire(EventId event) {
    settle(event);
    expired_.insert(event);
}

void RowLedger::take(StreamProgress& progress) {
    on_saved(false);  // what another save has taken and not brought back comes along
    for (auto& [id, row] : std::exchange(written_, {})) saving_written_.push_back(std::move(row));
    saving_settled_.assign(settled_.begin(), settled_.end());
    settled_.clear();
    progress.failing = saving_written_;
    progress.settled = saving_settled_;
    std::ranges::copy_if(saving_settled_, std::back_inserter(progress.expired_rows),
                         [this](EventId event) { return expired_.contains(event); });
}

void RowLedger::on_saved(bool is_saved) {
    const auto written = std::exchange(saving_written_, {});
    const auto settled = std::exchange(saving_settled_, {});
    if (is_saved) {
        for (const EventId event : settled) {
            if (!settled_.contains(event)) expired_.erase(event);
        }
        return;
    }
    for (const FailingEvent& row : written) {
        if (!settled_.contains(row.id)) written_.try_emplace(row.id, row);
    }
    for (const EventId event : settled) {
        if (!written_.contains(event)) settled_.insert(event);
    }
}

bool RowLedger::is_saving_deaths() const {
    return std::ranges::any_of(saving_written_,
                               [](const FailingEvent& row) { return row.state == FailingState::dead; });
}

void RowLedger::begin_read() {
    is_reading_ = true;
    for (const auto& [id, row] : written_) {
        if (row.state == FailingState::dead) left_.insert(id);
    }
    for (const FailingEvent& row : saving_written_) {
        if (row.state == FailingState::dead) left_.insert(row.id);
    }
    left_.insert(settled_.begin(), settled_.end());
    left_.insert(saving_settled_.begin(), saving_settled_.end());
}

void RowLedger::end_read() {
    is_reading_ = false;
    left_.clear();
}

}  // namespace headwater
