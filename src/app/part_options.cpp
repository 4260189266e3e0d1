#include "app/part_options.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "app/connection_bounds.hpp"

namespace headwater::app {

std::size_t io_threads_of(const ServeOptions& options) {
    if (options.io_threads > 0) return options.io_threads;
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

Appender::Options appender_options(const ServeOptions& options) {
    Appender::Options made;
    made.max_queue_bytes = options.queue_bytes;
    return made;
}

SinkOptions sink_options(const ServeOptions& options) {
    SinkOptions made;
    for (const Broker& broker : options.brokers) made.brokers.push_back({broker.name, broker.url});
    made.webhook_allow = options.webhook_allow;
    if (!options.smtp_url.empty()) {
        made.mail = sinks::SmtpServer::parse(options.smtp_url, options.mail_from).value();
        made.mail->mails_per_minute = options.mail_rate;
    }
    // With a private PostgreSQL this is one machine's Headwater, whose webhooks mostly stand on that machine
    // too.
    if (options.database_url.empty()) {
        made.webhook_allow.insert(made.webhook_allow.end(), {"127.0.0.0/8", "::1/128"});
    }
    return made;
}

std::shared_ptr<transport::TlsIdentity> tls_identity(const ServeOptions& options) {
    if (options.tls_cert.empty()) return nullptr;
    return std::make_shared<transport::TlsIdentity>(
        transport::TlsFiles{.certificate = options.tls_cert, .key = options.tls_key});
}

rest::ServerOptions server_options(const ServeOptions& options,
                                   std::shared_ptr<const transport::TlsIdentity> tls) {
    rest::ServerOptions made;
    made.host = options.listen.host;
    made.port = options.listen.port;
    made.tls = std::move(tls);
    made.public_url = options.public_url;
    made.trusted_proxies = options.trusted_proxies;
    made.cors_origins = options.cors_origins;
    made.limits.max_event_bytes = options.max_event_bytes;
    made.limits.max_batch_events = options.max_batch_events;
    made.limits.max_body_bytes = std::max(made.limits.max_body_bytes, options.max_event_bytes + (64 << 10));
    made.connections = connection_bounds(options);
    made.feed_cache_bytes = options.feed_cache_bytes;
    return made;
}

ws::LiveServer::Options live_options(const ServeOptions& options) {
    ws::LiveServer::Options made;
    made.live_buffer_bytes = options.live_buffer_bytes;
    return made;
}

}  // namespace headwater::app
