#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "core/live_hub.hpp"
#include "core/room_store.hpp"
#include "ws/arrival.hpp"
#include "ws/live_options.hpp"

namespace headwater::ws {

class SessionShard;

/// Serves live events over sockets that the HTTP server hands on: one shard of the hub for each io thread.
/// Owned by the composition root, which calls stop() while the io threads still run; the hub and the contexts
/// outlive it.
class LiveServer {
  public:
    using Options = LiveOptions;

    /// Each context is run by one thread. Before the first event comes. `load_rooms` is needed for rooms
    /// alone.
    LiveServer(std::vector<boost::asio::io_context*> contexts, LiveHub& hub, Metrics& metrics,
               const Options& options, const LoadRooms& load_rooms = {});
    ~LiveServer();
    LiveServer(const LiveServer&) = delete;
    LiveServer& operator=(const LiveServer&) = delete;

    /// Called on the thread of the connection's context.
    void accept_websocket(Arrival arrival);
    void accept_event_stream(Arrival arrival);

    /// Any thread but the io threads: tells everybody goodbye, in batches (WebSocket 1012; SSE `retry:` and
    /// the end), and waits until they have gone; at the deadline the rest are cut off. Whoever comes
    /// afterwards is turned away the same way.
    void stop(std::chrono::steady_clock::time_point deadline);

    /// Any thread: ends the connections whose keys are no longer good and, unless the server is open, those
    /// that came without one.
    void end_unwelcome(bool is_server_open);

    /// Those that are closing count.
    [[nodiscard]] std::size_t connections() const { return connections_; }

  private:
    struct Thread {
        boost::asio::io_context* context;
        std::shared_ptr<SessionShard> shard;
    };
    [[nodiscard]] SessionShard& shard_of(transport::Connection& connection);
    [[nodiscard]] bool wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

    const Options options_;
    std::atomic<std::size_t> connections_{0};
    std::vector<Thread> threads_;
};

}  // namespace headwater::ws
