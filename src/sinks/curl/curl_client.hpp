#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/work_pool.hpp"
#include "sinks/curl/curl_easy.hpp"
#include "sinks/curl/curl_loop.hpp"
#include "sinks/settle.hpp"
#include "sinks/task_queue.hpp"

namespace headwater::sinks {

/// Carries out the transfers of one kind of sink: one thread, one pool of connections that are kept alive.
/// The queue is bounded by the streams' windows. Thread-safe.
///
/// A `Transfer` belongs to that thread and does not move while its handle is in use. It has
/// - `Task`, with a member `sink`, and if it likes `not_before`, the moment until which it waits here;
/// - `Context`, what all of them share;
/// - `Transfer(CurlEasy, Task, const Context&)`, `easy()`, `sink()`;
/// - `finish(CURLcode)`, `abandon(reason)`: settles its delivery, gives the handle back for the next one;
/// - a static `abandon(Task, reason)` for one that has not begun.
template <class Transfer>
class CurlClient {
  public:
    using Task = typename Transfer::Task;
    using Context = typename Transfer::Context;

    static constexpr bool kKeepsToLimit = false;  ///< of transfers under way for a sink

    /// At most `max_transfers` are under way at once; the others wait here.
    CurlClient(Context context, std::string thread_name, std::size_t max_transfers)
        : context_(std::move(context)),
          max_transfers_(max_transfers),
          loop_(queue_.wake_fd()),
          thread_([this, name = std::move(thread_name)](const std::stop_token& stop) {
              name_this_thread(name);
              run(stop);
          }) {}
    ~CurlClient() {
        thread_.request_stop();
        queue_.wake();
        thread_.join();
    }
    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;

    [[nodiscard]] SinkKey new_sink() { return queue_.new_sink(); }
    void deliver(Task task) { queue_.deliver(std::move(task)); }
    /// Ends this sink's transfers and settles them as unavailable; waits until that is done, a few seconds at
    /// most.
    void close_sink(SinkKey sink) { queue_.close(sink); }

  private:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMaxSpare = 256;
    static constexpr bool kTasksMayWait = requires(const Task& task) { task.not_before; };

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            loop_.turn(next_due(), [this](CURL* easy, CURLcode code) { finish(easy, code); });
            auto work = queue_.take();
            for (Task& task : work.tasks) take(std::move(task));
            for (auto& closing : work.closings) {
                abandon([&](SinkKey sink) { return sink == closing.sink; });
                closing.done.set_value();
            }
            begin_what_is_due();
        }
        auto work = queue_.take();
        for (Task& task : work.tasks) Transfer::abandon(std::move(task), kSinkClosed);
        abandon([](SinkKey) { return true; });
    }

    [[nodiscard]] std::optional<TimePoint> next_due() const {
        if (waiting_.empty() || transfers_.size() >= max_transfers_) return std::nullopt;
        return waiting_.begin()->first;
    }

    void take(Task task) {
        TimePoint due{};
        if constexpr (kTasksMayWait) due = task.not_before;
        waiting_.emplace(due, std::move(task));
    }

    void begin_what_is_due() {
        const TimePoint now = std::chrono::steady_clock::now();
        while (next_due() && *next_due() <= now) {
            begin(std::move(waiting_.extract(waiting_.begin()).mapped()));
        }
    }

    void begin(Task task) {
        auto transfer = std::make_unique<Transfer>(take_easy(), std::move(task), context_);
        CURL* easy = transfer->easy();
        transfers_.emplace(easy, std::move(transfer));
        loop_.add(easy);
    }

    void finish(CURL* easy, CURLcode code) {
        loop_.remove(easy);
        const auto found = transfers_.find(easy);
        keep_easy(found->second->finish(code));
        transfers_.erase(found);
    }

    template <class IsMeant>
    void abandon(const IsMeant& is_meant) {
        for (auto entry = waiting_.begin(); entry != waiting_.end();) {
            const auto waiting = entry++;
            if (!is_meant(waiting->second.sink)) continue;
            Transfer::abandon(std::move(waiting->second), kSinkClosed);
            waiting_.erase(waiting);
        }
        std::erase_if(transfers_, [&](auto& entry) {
            if (!is_meant(entry.second->sink())) return false;
            loop_.remove(entry.first);
            keep_easy(entry.second->abandon(kSinkClosed));
            return true;
        });
    }

    CurlEasy take_easy() {
        if (spare_.empty()) return make_curl_easy();
        CurlEasy easy = std::move(spare_.back());
        spare_.pop_back();
        return easy;
    }

    void keep_easy(CurlEasy easy) {
        if (spare_.size() < kMaxSpare) spare_.push_back(std::move(easy));
    }

    Context context_;
    std::size_t max_transfers_;
    TaskQueue<Task> queue_;

    // The rest belongs to the thread.
    CurlLoop loop_;
    std::multimap<TimePoint, Task> waiting_;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers_;
    std::vector<CurlEasy> spare_;
    std::jthread thread_;
};

}  // namespace headwater::sinks
