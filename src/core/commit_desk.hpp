#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <expected>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater {

/// Group commit: one thread records whatever has queued up in one transaction, so that load makes the batches
/// larger and not the wait. The queue is bounded; submit() refuses when it is full.
template <class Item, class Outcome>
class CommitDesk {
  public:
    /// Durable when it returns, one outcome for each item, in order. The desk's thread; throws Unavailable.
    using Record = std::move_only_function<std::vector<Outcome>(std::span<const Item>)>;
    using Completion = std::move_only_function<void(std::expected<Outcome, Refusal>)>;  ///< once
    struct Options {
        std::string name;  ///< of the thread
        std::size_t max_queued = 100'000;
        std::size_t max_batch = 2'000;
        std::string when_full;  ///< what a client is told, a sentence each
        std::string when_away;
    };

    CommitDesk(Options options, Record record)
        : options_(std::move(options)), record_(std::move(record)), thread_([this] {
              name_this_thread(options_.name);
              run();
          }) {}
    ~CommitDesk() { stop(); }
    CommitDesk(const CommitDesk&) = delete;
    CommitDesk& operator=(const CommitDesk&) = delete;

    void submit(Item item, Completion done) {
        std::unique_lock lock(mutex_);
        if (!is_stopping_ && queue_.size() < options_.max_queued) {
            const bool was_empty = queue_.empty();
            queue_.push_back({std::move(item), std::move(done)});
            if (was_empty) changed_.notify_one();
            return;
        }
        lock.unlock();
        done(std::unexpected(Refusal{Refusal::Kind::overloaded, options_.when_full}));
    }

    /// Records what was accepted, and ends. Idempotent.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

  private:
    struct Request {
        Item item;
        Completion done;
    };

    void run() {
        for (std::vector<Request> batch = take(); !batch.empty(); batch = take()) record(batch);
    }

    [[nodiscard]] std::vector<Request> take() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
        const auto count = std::min(queue_.size(), options_.max_batch);
        const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<Request> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
        queue_.erase(queue_.begin(), end);
        return batch;
    }

    void record(std::vector<Request>& batch) {
        std::vector<Item> items;
        items.reserve(batch.size());
        for (Request& request : batch) items.push_back(std::move(request.item));
        try {
            std::vector<Outcome> outcomes = record_(items);
            for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(outcomes.at(i)));
            return;
        } catch (const std::exception& error) {
            log::warn("desk.unavailable", {{"desk", options_.name}, {"error", error.what()}});
        }
        for (Request& request : batch)
            request.done(std::unexpected(Refusal{Refusal::Kind::unavailable, options_.when_away}));
    }

    const Options options_;
    Record record_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Request> queue_;  // guarded by mutex_
    bool is_stopping_ = false;   // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater
