#pragma once

#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sinks/wake_fd.hpp"
#include "sinks/webhook/address_guard.hpp"
#include "sinks/webhook/curl_loop.hpp"
#include "sinks/webhook/webhook_transfer.hpp"

namespace headwater::sinks {

/// Sends the events of all webhooks: one thread, one pool of connections that are kept alive per destination.
/// The queue is bounded by the streams' windows. Thread-safe.
class WebhookClient {
  public:
    explicit WebhookClient(AddressGuard guard);
    ~WebhookClient();
    WebhookClient(const WebhookClient&) = delete;
    WebhookClient& operator=(const WebhookClient&) = delete;

    [[nodiscard]] WebhookSinkKey new_sink() { return next_sink_.fetch_add(1); }
    void deliver(WebhookTask task);
    /// Ends this sink's transfers and settles them as unavailable; waits until that is done, a few seconds at
    /// most.
    void close_sink(WebhookSinkKey sink);

  private:
    struct Closing {
        WebhookSinkKey sink;
        std::promise<void> done;
    };
    struct Work {
        std::deque<WebhookTask> tasks;
        std::vector<Closing> closings;
    };

    void run(const std::stop_token& stop);
    Work take_work();
    void begin(WebhookTask task);
    void finish(CURL* easy, CURLcode code);
    void abandon(WebhookSinkKey sink);
    WebhookTransfer::Easy take_easy();
    void keep_easy(WebhookTransfer::Easy easy);

    AddressGuard guard_;
    std::atomic<WebhookSinkKey> next_sink_{1};
    WakeFd wake_;
    std::mutex mutex_;
    Work work_;  // guarded by mutex_

    // The rest belongs to the thread.
    CurlLoop loop_;
    std::unordered_map<CURL*, std::unique_ptr<WebhookTransfer>> transfers_;
    std::vector<WebhookTransfer::Easy> spare_;
    std::jthread thread_;
};

}  // namespace headwater::sinks
