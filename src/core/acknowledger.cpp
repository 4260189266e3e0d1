#include "core/acknowledger.hpp"

#include <utility>
#include <vector>

#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater {
namespace {

constexpr std::size_t kMaxQueuedIds = 1'000'000;
constexpr std::size_t kMaxBatchIds = 20'000;

std::size_t weight_of(const Acknowledgement& acknowledgement) {
    return acknowledgement.ids.size() + 1;
}

Refusal unavailable() {
    return {Refusal::Kind::unavailable, "The event store is away; send the acknowledgement again."};
}

}  // namespace

Acknowledger::Acknowledger(AckStore& store)
    : store_(store), thread_([this] {
          name_this_thread("acknowledger");
          run();
      }) {}

Acknowledger::~Acknowledger() {
    stop();
}

void Acknowledger::submit(Acknowledgement acknowledgement, Completion done) {
    const std::size_t weight = weight_of(acknowledgement);
    {
        const std::lock_guard lock(mutex_);
        if (!is_stopping_ && queued_ids_ + weight <= kMaxQueuedIds) {
            queued_ids_ += weight;
            queue_.push_back({std::move(acknowledgement), std::move(done)});
            changed_.notify_one();
            return;
        }
    }
    done(std::unexpected(Refusal{Refusal::Kind::overloaded, "The queue of acknowledgements is full."}));
}

void Acknowledger::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Acknowledger::run() {
    for (std::vector<Request> batch = take(); !batch.empty(); batch = take()) apply(batch);
}

std::vector<Acknowledger::Request> Acknowledger::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    std::vector<Request> batch;
    std::size_t ids = 0;
    while (!queue_.empty() && (batch.empty() || ids < kMaxBatchIds)) {
        ids += weight_of(queue_.front().acknowledgement);
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    queued_ids_ -= ids;
    return batch;
}

void Acknowledger::apply(std::vector<Request>& batch) {
    std::vector<const Acknowledgement*> acknowledgements;
    for (const Request& request : batch) acknowledgements.push_back(&request.acknowledgement);
    std::expected<void, Refusal> outcome;
    try {
        store_.apply(acknowledgements);
    } catch (const std::exception& error) {
        log::warn("acknowledge.unavailable", {{"error", error.what()}});
        outcome = std::unexpected(unavailable());
    }
    for (Request& request : batch) request.done(outcome);
}

}  // namespace headwater
