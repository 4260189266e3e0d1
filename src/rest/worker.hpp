#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/key_ring.hpp"
#include "rest/mailbox.hpp"
#include "rest/reception.hpp"
#include "rest/request_context.hpp"
#include "rest/router.hpp"
#include "rest/trusted_proxies.hpp"

namespace headwater::rest {

class Session;

/// How many connections are open on all workers. Thread-safe.
class ConnectionCount {
  public:
    void add();
    void remove();
    [[nodiscard]] std::size_t value() const { return count_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool wait_for_none(std::chrono::milliseconds deadline);

  private:
    std::atomic<std::size_t> count_{0};
    std::mutex mutex_;
    std::condition_variable none_left_;
};

/// What one io thread keeps: its connections, the one timer that sweeps their deadlines, the text of the
/// current second. Everything but the mailbox and the post_ functions belongs to that thread.
class Worker : public std::enable_shared_from_this<Worker> {
  public:
    Worker(boost::asio::io_context& context, const Surroundings& surroundings, const Router& router,
           const TrustedProxies& proxies, ConnectionCount& connections);

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    [[nodiscard]] Mailbox& mailbox() { return mailbox_; }
    [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
    [[nodiscard]] const ServerOptions& options() const { return surroundings_.options; }
    [[nodiscard]] const Router& router() const { return router_; }
    [[nodiscard]] const TrustedProxies& proxies() const { return proxies_; }
    [[nodiscard]] ConnectionCount& connections() { return connections_; }

    /// This thread's view of the keys; null when the server has none. Until the next call.
    [[nodiscard]] const KeyView* keys() { return keys_ ? &keys_->view() : nullptr; }

    void join(Session& session) { sessions_.insert(&session); }
    void leave(Session& session) { sessions_.erase(&session); }
    [[nodiscard]] bool is_draining() const { return is_draining_; }

    [[nodiscard]] std::string next_request_id();
    /// IMF-fixdate, as in the Date header.
    [[nodiscard]] std::string_view date();

    /// From any thread: begin sweeping; close idle connections and end the others after their answer; close
    /// all.
    void post_start();
    void post_drain();
    void post_close_all();

  private:
    void schedule_sweep();
    void sweep();

    boost::asio::io_context& context_;
    Surroundings surroundings_;
    const Router& router_;
    const TrustedProxies& proxies_;
    ConnectionCount& connections_;
    Mailbox mailbox_;
    boost::asio::steady_timer timer_;
    std::unordered_set<Session*> sessions_;
    std::chrono::milliseconds sweep_interval_;
    bool is_draining_ = false;
    bool is_stopped_ = false;
    std::optional<KeyRingReader> keys_;
    std::string request_prefix_;  ///< random, and eight digits to be filled in
    std::uint64_t request_number_ = 0;
    std::int64_t date_second_ = -1;
    std::string date_;
};

}  // namespace headwater::rest
