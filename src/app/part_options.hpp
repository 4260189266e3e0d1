#pragma once

#include <cstddef>
#include <memory>

#include "app/options.hpp"
#include "core/appender.hpp"
#include "rest/server.hpp"
#include "sinks/builtin_sinks.hpp"
#include "transport/tls_identity.hpp"
#include "ws/live_server.hpp"

namespace headwater::app {

/// Of the pools that read for requests and for streams: what may wait, and threads.
inline constexpr std::size_t kQueuedReads = 2'000;
inline constexpr std::size_t kQueuedStreamWork = 20'000;
inline constexpr std::size_t kStreamThreads = 2;

/// What `headwater serve` was told, as each part of the node takes it. `options` must have been checked
/// (option_checks.hpp).
[[nodiscard]] std::size_t io_threads_of(const ServeOptions& options);
[[nodiscard]] Appender::Options appender_options(const ServeOptions& options);
[[nodiscard]] SinkOptions sink_options(const ServeOptions& options);
[[nodiscard]] rest::ServerOptions server_options(const ServeOptions& options,
                                                 std::shared_ptr<const transport::TlsIdentity> tls);
[[nodiscard]] ws::LiveServer::Options live_options(const ServeOptions& options);

/// Reads the certificate's files; null without them, for plain HTTP. Throws std::exception with one sentence.
[[nodiscard]] std::shared_ptr<transport::TlsIdentity> tls_identity(const ServeOptions& options);

}  // namespace headwater::app
