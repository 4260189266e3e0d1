#include "run.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdio>

namespace headwater::bench {
namespace {

using std::chrono::steady_clock;

/// Wakes the loop every millisecond.
class Metronome final : public Loop::Watcher {
  public:
    explicit Metronome(Loop& loop) : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
        constexpr long kMillisecond = 1'000'000;
        const itimerspec every{{0, kMillisecond}, {0, kMillisecond}};
        timerfd_settime(timer_, 0, &every, nullptr);
        loop.watch(timer_, EPOLLIN, *this);
    }
    ~Metronome() override { close(timer_); }
    void on_ready(std::uint32_t) override {
        std::uint64_t ticks = 0;
        (void)!read(timer_, &ticks, sizeof ticks);
    }

  private:
    int timer_;
};

bool has_input_ended() {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return poll(&input, 1, 0) > 0;
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

std::uint64_t Run::expected_events() const {
    if (plan_.subscribers.expected > 0) return plan_.subscribers.expected;
    return plan_.rate > 0 ? static_cast<std::uint64_t>(plan_.rate * static_cast<double>(plan_.time.count()))
                          : plan_.events;
}

/// Of all subscribers together.
std::uint64_t Run::expected_in_all() const {
    if (subscribers_.history.empty()) return expected_events() * plan_.subscriber_count;
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < plan_.subscriber_count; ++i) {
        all += subscribers_.history.size() - i % subscribers_.spread - 1;
    }
    return all;
}

bool Run::has_everything() const {
    return received_.complete == plan_.subscriber_count && publishing_.refused == 0;
}

bool Run::execute() {
    const auto began_to_connect = steady_clock::now();
    connect_subscribers();
    connecting_ = steady_clock::now() - began_to_connect;
    if (plan_.holds) hold();
    connect_publishers();
    const auto began = plan_.publisher_count > 0 ? steady_clock::now() : began_to_connect;
    if (plan_.publisher_count > 0) publish();
    const auto until = steady_clock::now() + plan_.patience;
    if (!plan_.holds) {
        loop_.run_until([&] {
            return has_everything() || received_.failed > 0 || publishing_.refused > 0 ||
                   steady_clock::now() > until;
        });
    }
    report(steady_clock::now() - began);
    return received_.failed == 0 && (plan_.holds || has_everything());
}

void Run::connect_subscribers() {
    const auto until = steady_clock::now() + plan_.patience;
    loop_.run_until([&] {
        while (open_.size() < plan_.subscriber_count &&
               open_.size() - received_.open - received_.failed < plan_.handshakes) {
            open_.emplace_back(loop_, subscribers_, open_.size(), received_);
        }
        return received_.open + received_.failed >= plan_.subscriber_count || steady_clock::now() > until;
    });
    for (std::size_t i = 0; i < plan_.stalled_count; ++i) stalled_.emplace_back(loop_, subscribers_);
}

void Run::connect_publishers() {
    publishing_.port = plan_.subscribers.port;
    publishing_.is_secure = plan_.subscribers.is_secure;
    publishing_.request = post_request(plan_.post_target, plan_.body);
    for (std::size_t i = 0; i < plan_.publisher_count; ++i) publishers_.emplace_back(loop_, publishing_);
    const auto settled = steady_clock::now() + std::chrono::milliseconds(200);
    loop_.run_until([&] { return publishers_.empty() || steady_clock::now() > settled; });
}

void Run::hold() {
    fmt::print("ready {} of {}\n", received_.open, plan_.subscriber_count);
    std::fflush(stdout);
    loop_.run_until([] { return has_input_ended(); });
}

void Run::publish() {
    const auto began = steady_clock::now();
    if (plan_.rate == 0) {
        publishing_.allowed = plan_.events;
        for (Publisher& publisher : publishers_) publisher.try_send();
        return;
    }
    const Metronome metronome(loop_);
    loop_.run_until([&] {
        publish_what_is_due(began);
        return (released_ == expected_events() && publishing_.allowed == 0) || publishing_.refused > 0 ||
               steady_clock::now() - began > plan_.time + plan_.patience;
    });
}

void Run::publish_what_is_due(Time began) {
    const std::chrono::duration<double> since = steady_clock::now() - began;
    const auto due = std::min(static_cast<std::uint64_t>(since.count() * plan_.rate), expected_events());
    publishing_.allowed += due - released_;
    released_ = due;
    for (Publisher& publisher : publishers_) {
        if (publishing_.allowed == 0) return;
        publisher.try_send();
    }
}

void Run::report(std::chrono::duration<double> took) const {
    fmt::print(
        "RESULT {{\"seconds\": {:.6f}, \"connect_seconds\": {:.3f}, \"open\": {}, \"failed\": {}, "
        "\"answered\": {}, \"refused\": {}, \"events\": {}, \"expected\": {}, \"complete\": {}, "
        "\"disordered\": {}, \"bytes\": {}, \"p50_ms\": {:.2f}, \"p99_ms\": {:.2f}, \"max_ms\": {:.2f}, "
        "\"own_cpu\": {:.3f}, \"note\": \"{}{}\"}}\n",
        took.count(), connecting_.count(), received_.open, received_.failed, publishing_.answered,
        publishing_.refused, received_.events, expected_in_all(), received_.complete, received_.disordered,
        received_.bytes, received_.latencies.percentile(50), received_.latencies.percentile(99),
        received_.latencies.percentile(100), own_cpu_seconds(), received_.first_failure,
        publishing_.first_refusal.substr(0, publishing_.first_refusal.find('\r')));
}

}  // namespace headwater::bench
