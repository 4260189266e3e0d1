#pragma once

#include <condition_variable>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "core/errors.hpp"
#include "core/feed.hpp"

namespace headwater {

/// Group commit for acknowledgements: one thread applies whatever has queued up in one transaction. The queue is bounded by
/// the number of ids in it; submit() refuses when it is full.
class Acknowledger {
  public:
    using Completion = std::move_only_function<void(std::expected<void, Refusal>)>;  ///< once, on the thread below

    explicit Acknowledger(AckStore& store);
    ~Acknowledger();
    void submit(Acknowledgement acknowledgement, Completion done);
    void stop();

  private:
    struct Request {
        Acknowledgement acknowledgement;
        Completion done;
    };
    void run(const std::stop_token& stop);

    AckStore& store_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Request> queue_;    // guarded by mutex_
    std::size_t queued_ids_ = 0;   // guarded by mutex_
    bool is_stopping_ = false;     // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater
