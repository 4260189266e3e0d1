#include "app/serve_options.hpp"

#include "app/option_checks.hpp"
#include "app/option_kinds.hpp"

namespace headwater::app {
namespace {

using cli::OptionTable;

void add_addresses(OptionTable& table, ServeOptions& o) {
    table.group("Where it listens and what it tells others")
        .add("listen", endpoint(o.listen), "Public address: REST, SSE, WebSocket; port 0 takes a free one")
        .add("ops-listen", endpoint(o.ops_listen), "Private address: /metrics, /healthz, /readyz")
        .add("tls-cert", cli::path(o.tls_cert),
             "Certificate and those that vouch for it (PEM): the public address speaks HTTPS")
        .add("tls-key", cli::path(o.tls_key), "Its private key (PEM, no passphrase)")
        .add("public-url", cli::base_url(o.public_url), "Base of all links; left out, each request's Host")
        .add("trusted-proxy", networks(o.trusted_proxies),
             "Network whose X-Forwarded-* are believed; repeatable")
        .add("cors-origin", origins(o.cors_origins), "Origin that browsers may call from; repeatable")
        .add("insecure-open", cli::flag(o.insecure_open), "Let other machines in although there are no keys");
}

void add_storage(OptionTable& table, ServeOptions& o) {
    table.group("Where it stores and delivers")
        .add("data-dir", cli::path(o.data_dir), "Folder of the private PostgreSQL")
        .add("database-url", cli::text(o.database_url, "URL"),
             "Use this PostgreSQL instead of a private one (postgresql://…)")
        .add("database-readers", cli::number(o.database_readers, 1, 64), "Connections for reading")
        .add("rabbit", brokers(o.brokers),
             "RabbitMQ broker, amqp://user:password@host:port/vhost or amqps://…[?cacertfile=/path/ca.pem]; "
             "repeatable, the first is 'default'")
        .add("webhook-allow", networks(o.webhook_allow),
             "Private network that webhooks may reach; repeatable")
        .add("smtp-url", cli::text(o.smtp_url, "URL"),
             "Mail server of e-mail streams, smtp[s]://[user:password@]host[:port]")
        .add("mail-from", cli::text(o.mail_from, "ADDRESS"),
             "Address that mail comes from; left out, headwater@ this host");
}

void add_limits(OptionTable& table, ServeOptions& o) {
    table.group("Limits")
        .add("mail-rate", cli::number(o.mail_rate, 0, 100'000),
             "Mails a minute to one recipient, the others wait; 0 = no limit")
        .add("max-event-bytes", cli::byte_size(o.max_event_bytes, 1024, 64 << 20), "Largest payload")
        .add("max-batch-events", cli::number(o.max_batch_events, 1, 2000), "Most events in one request")
        .add("queue-bytes", cli::byte_size(o.queue_bytes, 1 << 20, 2047LL << 20),
             "Intake that may wait for PostgreSQL; beyond it senders get 503")
        .add("feed-cache-bytes", cli::byte_size(o.feed_cache_bytes, 0, 2047LL << 20),
             "Memory for closed feed pages; 0 keeps none")
        .add("live-buffer", cli::byte_size(o.live_buffer_bytes, 16 << 10, 1 << 30),
             "Bytes that may wait for one live subscriber")
        .add("max-connections", cli::number(o.max_connections, 10, 1'000'000),
             "Open connections on the public port")
        .add("max-connections-per-address", cli::number(o.max_connections_per_address, 0, 1'000'000),
             "Of them, from one client's address; 0 = three quarters")
        .add("rate", request_rate(o.key_rate),
             "Requests that each key may make; keys can have a rate of their own")
        .add("io-threads", cli::number(o.io_threads, 0, 64),
             "Threads for connections; 0 = one per core, at most four")
        .add("drain-timeout", cli::seconds(o.drain_timeout, 3600),
             "How long SIGTERM waits for work under way");
}

void add_others(OptionTable& table, ServeOptions& o) {
    table.group("Other")
        .add("node", cli::text(o.node, "LABEL"), "This node's label; left out, its host and process")
        .add("log-level", cli::choice(o.log_level, {"trace", "debug", "info", "warn", "error"}),
             "How much it logs");
}

}  // namespace

void add_serve_options(cli::Subcommand& command, ServeOptions& options) {
    options.data_dir = default_data_dir();
    OptionTable& table = command.options().from(cli::Sources::variable_and_file);
    add_addresses(table, options);
    add_storage(table, options);
    add_limits(table, options);
    add_others(table, options);
    table.from(cli::Sources::arguments_only);
    command.configurable().check([&options](auto& mistakes) { check_together(options, mistakes); });
}

}  // namespace headwater::app
