#include "rest/worker.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <random>
#include <vector>

#include "rest/session.hpp"

namespace headwater::rest {
namespace {

constexpr std::chrono::milliseconds kLongestSweep{1000};
constexpr std::chrono::milliseconds kShortestSweep{10};

std::chrono::milliseconds sweep_interval(const ServerOptions& options) {
    const auto shortest = std::min({options.handshake_timeout, options.header_timeout, options.body_timeout,
                                    options.idle_timeout, options.write_timeout});
    return std::clamp(shortest / 4, kShortestSweep, kLongestSweep);
}

}  // namespace

void ConnectionCount::add() {
    count_.fetch_add(1, std::memory_order_relaxed);
}

void ConnectionCount::remove() {
    const std::lock_guard lock(mutex_);
    if (count_.fetch_sub(1, std::memory_order_relaxed) == 1) none_left_.notify_all();
}

bool ConnectionCount::wait_for_none(std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex_);
    return none_left_.wait_for(lock, deadline, [this] { return value() == 0; });
}

Worker::Worker(boost::asio::io_context& context, const Surroundings& surroundings, const Router& router,
               const TrustedProxies& proxies, ConnectionCount& connections)
    : context_(context),
      surroundings_(surroundings),
      router_(router),
      proxies_(proxies),
      connections_(connections),
      mailbox_(context),
      timer_(context),
      sweep_interval_(sweep_interval(surroundings.options)) {
    if (const KeyRing* keys = surroundings.services.keys) keys_.emplace(*keys);
    std::random_device device;
    request_prefix_ = fmt::format("{:08x}{:08x}{:08}", device(), device(), 0);
}

std::string Worker::next_request_id() {
    constexpr std::size_t kDigits = 8;
    std::string id = request_prefix_;
    std::uint64_t number = ++request_number_;
    for (std::size_t i = id.size() - 1; i >= id.size() - kDigits; --i, number >>= 4)
        id[i] = "0123456789abcdef"[number & 15];
    return id;
}

std::string_view Worker::date() {
    const auto now = std::chrono::floor<std::chrono::seconds>(surroundings_.services.clock.now());
    if (const std::int64_t second = now.time_since_epoch().count(); second != date_second_) {
        date_second_ = second;
        date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(second)));
    }
    return date_;
}

void Worker::post_start() {
    boost::asio::post(context_, [self = shared_from_this()] { self->schedule_sweep(); });
}

void Worker::post_drain() {
    boost::asio::post(context_, [self = shared_from_this()] {
        self->is_draining_ = true;
        for (Session* session : std::vector<Session*>(self->sessions_.begin(), self->sessions_.end())) {
            session->close_if_idle();
        }
    });
}

void Worker::post_close_all() {
    boost::asio::post(context_, [self = shared_from_this()] {
        self->is_draining_ = true;
        self->is_stopped_ = true;
        self->timer_.cancel();
        for (Session* session : std::vector<Session*>(self->sessions_.begin(), self->sessions_.end())) {
            session->close();
        }
    });
}

void Worker::schedule_sweep() {
    if (is_stopped_) return;
    timer_.expires_after(sweep_interval_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
        if (!ec) self->sweep();
    });
}

void Worker::sweep() {
    const auto now = std::chrono::steady_clock::now();
    std::vector<Session*> late;
    for (Session* session : sessions_) {
        if (session->is_late(now)) late.push_back(session);
    }
    for (Session* session : late) session->on_deadline();
    schedule_sweep();
}

}  // namespace headwater::rest
