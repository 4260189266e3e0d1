#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "postgres/connection_settings.hpp"

namespace headwater::postgres {

/// Waits for PostgreSQL's notifications on a connection and thread of its own. They are hints: both callbacks
/// are also called after each reconnect and about once a second (also while PostgreSQL is away), so nothing
/// that was missed stays missed.
class Listener {
  public:
    /// Called on the listener's thread; must be quick and must not throw.
    struct Callbacks {
        std::int64_t own_process = 0;  ///< whose batches are not worth a call: the node knows them already
        std::function<void()> on_log;  ///< something was appended by another process, or may have been
        std::function<void()> on_registry;  ///< something was registered or removed
    };

    Listener(ConnectionSettings settings, Callbacks callbacks);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void stop();  ///< at once; idempotent

  private:
    class WakeUp;
    void run(const std::stop_token& stop);
    void listen(const std::stop_token& stop);
    void call_both() const;

    ConnectionSettings settings_;
    Callbacks callbacks_;
    std::unique_ptr<WakeUp> wake_up_;
    std::jthread thread_;
};

}  // namespace headwater::postgres
