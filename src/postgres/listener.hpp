#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/ids.hpp"
#include "postgres/connection_settings.hpp"

namespace headwater::postgres {

/// Waits for PostgreSQL's notifications on a connection and thread of its own. They are hints: every callback
/// is also called after each connect, so nothing that was missed stays missed; on_log and on_registry about
/// once a second, too, also while PostgreSQL is away.
class Listener {
  public:
    /// Called on the listener's thread; must be quick and must not throw.
    struct Callbacks {
        std::int64_t own_process = 0;  ///< whose batches are not worth a call: the node knows them already
        std::function<void()> on_log;  ///< something was appended by another process, or may have been
        std::function<void()> on_registry;  ///< something was registered or removed
        /// An operator changed the deliveries of this stream; nothing: of any, since some notifications may
        /// have been missed.
        std::function<void(std::optional<StreamId>)> on_stream = [](std::optional<StreamId>) {};
        std::function<void()> on_leases = [] {};  ///< there are streams that nobody runs, or may be
        std::function<void()> on_keys = [] {};    ///< a key was made, revoked or rotated, or may have been
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
    void call_log_and_registry() const;

    ConnectionSettings settings_;
    Callbacks callbacks_;
    std::unique_ptr<WakeUp> wake_up_;
    std::jthread thread_;
};

}  // namespace headwater::postgres
