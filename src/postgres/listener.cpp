#include "postgres/listener.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <system_error>

#include "core/log.hpp"
#include "core/work_pool.hpp"
#include "postgres/connection.hpp"

namespace headwater::postgres {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kPollEvery = 1s;
constexpr std::chrono::milliseconds kFirstBackoff = 100ms;
constexpr std::chrono::milliseconds kLongestBackoff = 2s;

/// Remembers whether a channel brought a notification, but for those whose payload is `ignored`.
class Receiver final : public pqxx::notification_receiver {
  public:
    Receiver(pqxx::connection& connection, const std::string& channel, std::string ignored)
        : notification_receiver(connection, channel), ignored_(std::move(ignored)) {}
    void operator()(const std::string& payload, int) override { has_fired_ |= payload != ignored_; }
    [[nodiscard]] bool take() { return std::exchange(has_fired_, false); }

  private:
    std::string ignored_;
    bool has_fired_ = false;
};

/// Remembers the streams that were named.
class StreamReceiver final : public pqxx::notification_receiver {
  public:
    explicit StreamReceiver(pqxx::connection& connection)
        : notification_receiver(connection, "headwater_streams") {}
    void operator()(const std::string& payload, int) override {
        if (const auto stream = parse_id<StreamId>(payload)) streams_.insert(*stream);
    }
    [[nodiscard]] std::set<StreamId> take() { return std::exchange(streams_, {}); }

  private:
    std::set<StreamId> streams_;
};

}  // namespace

/// Ends a poll() of the listener's thread from another thread.
class Listener::WakeUp {
  public:
    WakeUp() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~WakeUp() { close(descriptor_); }
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;

    void fire() const { eventfd_write(descriptor_, 1); }
    /// Waits for the socket (-1: for none), fire() or the timeout.
    void wait(int socket, std::chrono::milliseconds timeout) const {
        pollfd waited[] = {{descriptor_, POLLIN, 0}, {socket, POLLIN, 0}};
        poll(waited, 2, static_cast<int>(timeout.count()));
    }

  private:
    int descriptor_;
};

Listener::Listener(ConnectionSettings settings, Callbacks callbacks)
    : settings_(std::move(settings)), callbacks_(std::move(callbacks)), wake_up_(std::make_unique<WakeUp>()) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
        name_this_thread("listener");
        run(stop);
    });
}

Listener::~Listener() {
    stop();
}

void Listener::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    wake_up_->fire();
    thread_.join();
}

void Listener::run(const std::stop_token& stop) {
    auto backoff = kFirstBackoff;
    while (!stop.stop_requested()) {
        const auto began = std::chrono::steady_clock::now();
        try {
            listen(stop);
        } catch (const Unavailable& error) {
            log::warn("listener.lost", {{"error", error.what()}});
        }
        if (std::chrono::steady_clock::now() - began > kLongestBackoff) backoff = kFirstBackoff;
        if (stop.stop_requested()) return;
        wake_up_->wait(-1, backoff);
        backoff = std::min(backoff * 2, kLongestBackoff);
        call_log_and_registry();
    }
}

void Listener::listen(const std::stop_token& stop) {
    Connection connection(settings_);
    translated([&] {
        const std::string own_process = std::to_string(callbacks_.own_process);
        Receiver log_receiver(connection.raw(), "headwater_log", own_process);
        Receiver registry_receiver(connection.raw(), "headwater_registry", "");
        Receiver lease_receiver(connection.raw(), "headwater_leases", own_process);
        Receiver key_receiver(connection.raw(), "headwater_keys", "-");
        StreamReceiver stream_receiver(connection.raw());
        call_log_and_registry();
        callbacks_.on_stream(std::nullopt);
        callbacks_.on_leases();
        callbacks_.on_keys();
        while (!stop.stop_requested()) {
            const auto began = std::chrono::steady_clock::now();
            wake_up_->wait(connection.raw().sock(), kPollEvery);
            connection.raw().get_notifs();
            const bool is_poll = std::chrono::steady_clock::now() - began >= kPollEvery;
            if (log_receiver.take() || is_poll) callbacks_.on_log();
            if (registry_receiver.take() || is_poll) callbacks_.on_registry();
            if (lease_receiver.take()) callbacks_.on_leases();
            if (key_receiver.take()) callbacks_.on_keys();
            for (const StreamId stream : stream_receiver.take()) callbacks_.on_stream(stream);
        }
    });
}

void Listener::call_log_and_registry() const {
    callbacks_.on_log();
    callbacks_.on_registry();
}

}  // namespace headwater::postgres
