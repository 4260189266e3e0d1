#include "app/health_monitor.hpp"

#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater::app {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr std::chrono::seconds kPatience{4};  ///< with a PostgreSQL that does not answer at all

}  // namespace

HealthMonitor::HealthMonitor(Appender& appender, Probe probe)
    : appender_(appender), probe_(std::move(probe)), thread_([this](const std::stop_token& stop) {
          name_this_thread("health");
          run(stop);
      }) {}

HealthMonitor::~HealthMonitor() = default;

void HealthMonitor::begin_draining() {
    const std::lock_guard lock(mutex_);
    is_draining_ = true;
}

std::vector<std::string> HealthMonitor::complaints() const {
    std::vector<std::string> complaints;
    const std::lock_guard lock(mutex_);
    if (is_draining_) complaints.emplace_back("the server is shutting down");
    const bool is_silent = looking_since_ && std::chrono::steady_clock::now() - *looking_since_ > kPatience;
    if (!is_writable_) complaints.emplace_back("PostgreSQL cannot be reached, or is not a writable primary");
    if (is_writable_ && is_silent) complaints.emplace_back("PostgreSQL does not answer");
    if (const auto complaint = appender_.complaint()) complaints.push_back(*complaint);
    return complaints;
}

void HealthMonitor::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        look();
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, kInterval, [] { return false; });
    }
}

void HealthMonitor::look() {
    {
        const std::lock_guard lock(mutex_);
        looking_since_ = std::chrono::steady_clock::now();
    }
    appender_.observe_disk(probe_.disk());
    bool is_writable = probe_.is_writable();
    try {
        if (is_writable) appender_.observe_database_clock(probe_.database_clock());
    } catch (const Unavailable&) {
        is_writable = false;
    }
    const std::lock_guard lock(mutex_);
    if (is_writable != is_writable_)
        log::write(is_writable ? log::Level::info : log::Level::error,
                   is_writable ? "postgres.available" : "postgres.unavailable");
    is_writable_ = is_writable;
}

}  // namespace headwater::app
