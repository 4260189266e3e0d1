#include "core/lease_keeper.hpp"

#include <iterator>
#include <utility>

#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater {

LeaseKeeper::LeaseKeeper(LeaseStore& store, const Clock& clock, std::int64_t process, std::string label,
                         Callbacks callbacks)
    : store_(store),
      clock_(clock),
      process_(process),
      label_(std::move(label)),
      callbacks_(std::move(callbacks)) {}

LeaseKeeper::~LeaseKeeper() {
    stop();
}

void LeaseKeeper::start() {
    thread_ = std::jthread([this] {
        name_this_thread("leases");
        run();
    });
}

void LeaseKeeper::wake() {
    {
        const std::lock_guard lock(mutex_);
        is_woken_ = true;
    }
    changed_.notify_one();
}

void LeaseKeeper::release(StreamProgress stream) {
    {
        const std::lock_guard lock(mutex_);
        releases_.push_back(std::move(stream));
        is_woken_ = true;
    }
    changed_.notify_one();
}

void LeaseKeeper::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void LeaseKeeper::run() {
    std::chrono::milliseconds pause{0};
    while (wait(pause)) {
        // In this order: a surplus never counts what has been given up already.
        const bool has_released = release_all();
        const bool is_renewed = renew();
        pause = has_released && is_renewed ? std::chrono::milliseconds(LeaseStore::kRenewal) : kRetry;
    }
    try {
        (void)release_all();
        store_.leave(process_);
    } catch (const std::exception& error) {
        log::warn("lease.not-left", {{"error", error.what()}});
    }
}

bool LeaseKeeper::renew() {
    const auto before = clock_.steady_now();
    try {
        LeaseRenewal renewal = store_.renew(process_, label_);
        if (renewal.is_lost) {
            log::warn("lease.lost", {{"node", label_}});
            const std::lock_guard lock(mutex_);
            releases_.clear();  // of the lease that is over
            releasing_.clear();
        }
        callbacks_.on_news({std::move(renewal), before + LeaseStore::kLease});
        return true;
    } catch (const std::exception& error) {
        log::warn("lease.unrenewed", {{"error", error.what()}});
        return false;
    }
}

bool LeaseKeeper::release_all() {
    {
        const std::lock_guard lock(mutex_);
        std::ranges::move(std::exchange(releases_, {}), std::back_inserter(releasing_));
    }
    if (releasing_.empty()) return true;
    try {
        store_.release(process_, releasing_);
    } catch (const std::exception& error) {
        log::warn("lease.unreleased", {{"streams", releasing_.size()}, {"error", error.what()}});
        return false;
    }
    std::vector<StreamId> released;
    for (const StreamProgress& stream : std::exchange(releasing_, {})) released.push_back(stream.stream);
    callbacks_.on_released(std::move(released));
    return true;
}

bool LeaseKeeper::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return is_woken_ || is_stopping_; });
    is_woken_ = false;
    return !is_stopping_;
}

}  // namespace headwater
