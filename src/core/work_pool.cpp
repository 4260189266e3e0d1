#include "core/work_pool.hpp"

#include <pthread.h>
#include <unistd.h>

#include <utility>

#include <fmt/format.h>

namespace headwater {

WorkPool::WorkPool(std::string name, std::size_t threads, std::size_t max_queued) : max_queued_(max_queued) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this, label = fmt::format("{}-{}", name, i)] {
            name_this_thread(label);
            run();
        });
    }
}

WorkPool::~WorkPool() {
    stop();
}

bool WorkPool::submit(Work work) {
    {
        const std::lock_guard lock(mutex_);
        if (is_stopping_ || queue_.size() >= max_queued_) return false;
        queue_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
}

void WorkPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    threads_.clear();
}

void WorkPool::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        auto work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
        work = nullptr;  // whatever it holds must not be destroyed under the lock
        lock.lock();
    }
}

void name_this_thread(const std::string& name) {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace headwater
