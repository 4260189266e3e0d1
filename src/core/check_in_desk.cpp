#include "core/check_in_desk.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"
#include "core/monitor_metrics.hpp"
#include "core/work_pool.hpp"

namespace headwater {
namespace {

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

}  // namespace

CheckInDesk::CheckInDesk(std::unique_ptr<CheckInWriter> writer, MonitorMetrics& metrics)
    : writer_(std::move(writer)), metrics_(metrics), thread_([this] {
          name_this_thread("check-ins");
          run();
      }) {}

CheckInDesk::~CheckInDesk() {
    stop();
}

void CheckInDesk::submit(const CheckIn& check_in, Completion done) {
    std::unique_lock lock(mutex_);
    if (!is_stopping_ && queue_.size() < kMaxQueued) {
        const bool was_empty = queue_.empty();
        queue_.push_back({check_in, std::move(done)});
        if (was_empty) changed_.notify_one();
        return;
    }
    lock.unlock();
    done(std::unexpected(Refusal{Refusal::Kind::overloaded, "The queue of check-ins is full."}));
}

void CheckInDesk::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void CheckInDesk::run() {
    for (std::vector<Request> batch = take(); !batch.empty(); batch = take()) record(batch);
}

std::vector<CheckInDesk::Request> CheckInDesk::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxBatch));
    std::vector<Request> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return batch;
}

void CheckInDesk::record(std::vector<Request>& batch) {
    std::vector<CheckIn> check_ins;
    check_ins.reserve(batch.size());
    for (const Request& request : batch) check_ins.push_back(request.check_in);
    try {
        const CheckInsRecorded recorded = writer_->record(check_ins);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            metrics_.check_in(word_of(recorded.outcomes.at(i)));
            batch[i].done(recorded.outcomes[i]);
        }
        return;
    } catch (const std::exception& error) {
        log::warn("check_in.unavailable", {{"error", error.what()}});
    }
    for (Request& request : batch) {
        request.done(
            std::unexpected(Refusal{Refusal::Kind::unavailable, "The event store is away; check in again."}));
    }
}

}  // namespace headwater
