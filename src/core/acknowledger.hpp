#pragma once

#include <condition_variable>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/errors.hpp"
#include "core/feed.hpp"

namespace headwater {

/// Group commit for acknowledgements: one thread applies whatever has queued up in one transaction. The queue
/// is bounded by the number of ids in it; submit() refuses when it is full.
class Acknowledger {
  public:
    using Completion =
        std::move_only_function<void(std::expected<void, Refusal>)>;  ///< once, on the thread below

    explicit Acknowledger(AckStore& store);
    ~Acknowledger();
    Acknowledger(const Acknowledger&) = delete;
    Acknowledger& operator=(const Acknowledger&) = delete;
    void submit(Acknowledgement acknowledgement, Completion done);
    void stop();

  private:
    struct Request {
        Acknowledgement acknowledgement;
        Completion done;
    };
    void run();
    [[nodiscard]] std::vector<Request> take();
    void apply(std::vector<Request>& batch);

    AckStore& store_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Request> queue_;   // guarded by mutex_
    std::size_t queued_ids_ = 0;  // guarded by mutex_
    bool is_stopping_ = false;    // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater
