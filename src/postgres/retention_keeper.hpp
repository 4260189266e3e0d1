#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "postgres/connection_settings.hpp"

namespace headwater::postgres {

class Connection;

/// Makes partitions ahead, drops expired ones, and empties the tables of short-lived rows, every few seconds
/// on a thread and connection of its own. Every node runs one; an advisory lock lets one work at a time.
class RetentionKeeper {
  public:
    /// The streams that have lost events because those expired before they were delivered, by the names that
    /// metrics have, and how many. Called after each round on the keeper's thread, on every node.
    using LossReport = std::function<void(const std::map<std::string, std::int64_t>&)>;

    RetentionKeeper(ConnectionSettings settings, LossReport report,
                    std::chrono::milliseconds interval = std::chrono::seconds{3});
    ~RetentionKeeper();
    RetentionKeeper(const RetentionKeeper&) = delete;
    RetentionKeeper& operator=(const RetentionKeeper&) = delete;

    void stop();  ///< within the statement under way; idempotent

    /// One round, on the caller's thread, which drops all that has expired. False when another node is at it.
    /// Throws Unavailable.
    static bool keep_once(Connection& connection);

  private:
    void keep_at_pace(Connection& connection);
    void run(const std::stop_token& stop);

    void tell_losses(Connection& connection);

    ConnectionSettings settings_;
    LossReport report_;
    std::chrono::milliseconds interval_;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::chrono::steady_clock::time_point next_drop_{};
    std::jthread thread_;
};

}  // namespace headwater::postgres
