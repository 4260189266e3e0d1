#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "app/options.hpp"
#include "core/event_log.hpp"

namespace headwater::app {

/// One running Headwater node: every part, made in order, wired, and stopped in reverse. The one place where
/// the parts meet.
class Node {
  public:
    /// Takes the place of the log's writer, for benchmarks that measure everything but the log.
    using MakeLogWriter = std::function<std::unique_ptr<LogWriter>()>;

    /// Starts everything and returns when the node takes events. Throws std::exception with one sentence when
    /// it cannot.
    explicit Node(const ServeOptions& options, const MakeLogWriter& make_log_writer = {});
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::uint16_t ops_port() const;

    /// Shows new connections the certificate that the files hold now, if they can be used; the log says so.
    void reload_certificate();
    /// Takes no more requests, ends live connections, commits what was accepted, lets deliveries settle,
    /// saves cursors; within the timeout, as far as PostgreSQL lets it. Once.
    void drain_and_stop(std::chrono::seconds timeout);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace headwater::app
