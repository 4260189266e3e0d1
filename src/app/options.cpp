#include "app/options.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "app/version.hpp"
#include "sinks/email/smtp_server.hpp"
#include "sinks/rabbit/rabbit_url.hpp"

namespace headwater::app {
namespace {

using Mistakes = std::vector<std::string>;

/// What CLI11 fills in before it is understood.
struct RawOptions {
    std::string listen = "127.0.0.1:8080";
    std::string ops_listen = "127.0.0.1:8081";
    std::string data_dir;
    std::vector<std::string> rabbit;
    std::string drain_timeout = "15s";
};

std::filesystem::path default_data_dir() {
    if (geteuid() == 0) return "/var/lib/headwater";
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/') {
        return std::filesystem::path(data) / "headwater";
    }
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : "/tmp") / ".local/share/headwater";
}

std::optional<Endpoint> parse_endpoint(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    Endpoint endpoint{text.substr(0, colon), 0};
    const char* begin = text.data() + colon + 1;
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(begin, end, endpoint.port);
    if (error != std::errc{} || last != end) return std::nullopt;
    if (endpoint.host.front() == '[' && endpoint.host.back() == ']') {
        endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    }
    return endpoint;
}

Endpoint read_endpoint(const char* option, const std::string& text, Mistakes& mistakes) {
    if (auto endpoint = parse_endpoint(text)) return *endpoint;
    mistakes.push_back(std::string(option) + ": '" + text +
                       "' is not an address and port such as 127.0.0.1:8080");
    return {};
}

std::chrono::seconds read_seconds(const char* option, std::string text, Mistakes& mistakes) {
    if (!text.empty() && text.back() == 's') text.pop_back();
    int seconds = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc{} && last == text.data() + text.size() && seconds >= 0 && seconds <= 3600) {
        return std::chrono::seconds(seconds);
    }
    mistakes.push_back(std::string(option) + ": '" + text +
                       "' is not a number of seconds from 0 to 3600, such as 15s");
    return {};
}

std::vector<Broker> read_brokers(const std::vector<std::string>& texts, Mistakes& mistakes) {
    std::vector<Broker> brokers;
    for (const std::string& text : texts) {
        const std::size_t scheme = text.find("://");
        const std::size_t equals = text.find('=');
        const bool is_named = equals != std::string::npos && equals < scheme;
        Broker broker{is_named ? text.substr(0, equals) : "default",
                      is_named ? text.substr(equals + 1) : text};
        if (brokers.empty() && !is_named) broker.name = "default";
        if (const auto url = sinks::RabbitUrl::parse(broker.url); !url) {
            mistakes.push_back("--rabbit: " + url.error());
        }
        for (const Broker& other : brokers) {
            if (other.name == broker.name)
                mistakes.push_back("--rabbit: two brokers are named '" + broker.name + "'");
        }
        brokers.push_back(std::move(broker));
    }
    return brokers;
}

void check(const ServeOptions& options, Mistakes& mistakes) {
    if (!options.insecure_open && !options.listen.is_loopback()) {
        mistakes.push_back(
            "--listen: " + options.listen.host +
            " can be reached from other machines and the server has no keys: anybody there could read and "
            "send everything; listen on 127.0.0.1, or say --insecure-open if that is what you want");
    }
    if (!options.public_url.empty() && !options.public_url.starts_with("http://") &&
        !options.public_url.starts_with("https://")) {
        mistakes.push_back("--public-url: expected an http:// or https:// address");
    }
    if (options.smtp_url.empty()) return;
    if (const auto server = sinks::SmtpServer::parse(options.smtp_url, options.mail_from); !server) {
        mistakes.push_back("--smtp-url, --mail-from: " + server.error());
    }
}

void add_serve_options(CLI::App& app, ServeOptions& options, RawOptions& raw) {
    const auto env = [](CLI::Option* option, const char* name) { return option->envname(name); };
    const auto bytes = CLI::AsSizeValue(false);
    const std::string where = "Where it listens and what it tells others";
    env(app.add_option("--listen", raw.listen, "Public address: REST, SSE, WebSocket"), "HEADWATER_LISTEN")
        ->capture_default_str()
        ->group(where);
    env(app.add_option("--ops-listen", raw.ops_listen, "Private address: /metrics, /healthz, /readyz"),
        "HEADWATER_OPS_LISTEN")
        ->capture_default_str()
        ->group(where);
    env(app.add_option("--public-url", options.public_url,
                       "Base of all links; left out, each request's Host"),
        "HEADWATER_PUBLIC_URL")
        ->group(where);
    env(app.add_option("--trusted-proxy", options.trusted_proxies,
                       "Network (CIDR) whose X-Forwarded-* are believed; repeatable"),
        "HEADWATER_TRUSTED_PROXY")
        ->group(where);
    env(app.add_option("--cors-origin", options.cors_origins,
                       "Origin that browsers may call from; repeatable"),
        "HEADWATER_CORS_ORIGIN")
        ->group(where);
    env(app.add_flag("--insecure-open", options.insecure_open,
                     "Listen beyond loopback although there are no keys"),
        "HEADWATER_INSECURE_OPEN")
        ->group(where);
    const std::string storage = "Where it stores and delivers";
    env(app.add_option("--data-dir", raw.data_dir,
                       "Folder of the private PostgreSQL [" + default_data_dir().string() + "]"),
        "HEADWATER_DATA_DIR")
        ->group(storage);
    env(app.add_option("--database-url", options.database_url,
                       "Use this PostgreSQL instead of a private one (postgresql://…)"),
        "HEADWATER_DATABASE_URL")
        ->group(storage);
    env(app.add_option("--database-readers", options.database_readers, "Connections for reading"),
        "HEADWATER_DATABASE_READERS")
        ->capture_default_str()
        ->check(CLI::Range(1, 64))
        ->group(storage);
    env(app.add_option("--rabbit", raw.rabbit,
                       "RabbitMQ broker, [name=]amqp://user:password@host:port/vhost or amqps://…"
                       "[?cacertfile=/path/ca.pem]; repeatable, the first is 'default'"),
        "HEADWATER_RABBIT")
        ->group(storage);
    env(app.add_option("--webhook-allow", options.webhook_allow,
                       "Private network (CIDR) that webhooks may reach; repeatable"),
        "HEADWATER_WEBHOOK_ALLOW")
        ->group(storage);
    env(app.add_option("--smtp-url", options.smtp_url,
                       "Mail server of e-mail streams, smtp[s]://[user:password@]host[:port]"),
        "HEADWATER_SMTP_URL")
        ->group(storage);
    env(app.add_option("--mail-from", options.mail_from,
                       "Address that mail comes from [headwater@ this host]"),
        "HEADWATER_MAIL_FROM")
        ->group(storage);
    const std::string limits = "Limits";
    env(app.add_option("--mail-rate", options.mail_rate,
                       "Mails a minute to one recipient, the others wait; 0 = no limit"),
        "HEADWATER_MAIL_RATE")
        ->capture_default_str()
        ->check(CLI::Range(0, 100'000))
        ->group(limits);
    env(app.add_option("--max-event-bytes", options.max_event_bytes, "Largest payload"),
        "HEADWATER_MAX_EVENT_BYTES")
        ->transform(bytes)
        ->capture_default_str()
        ->check(CLI::Range(1024, 64 << 20))
        ->group(limits);
    env(app.add_option("--max-batch-events", options.max_batch_events, "Most events in one request"),
        "HEADWATER_MAX_BATCH_EVENTS")
        ->capture_default_str()
        ->check(CLI::Range(1, 2000))
        ->group(limits);
    env(app.add_option("--queue-bytes", options.queue_bytes,
                       "Intake that may wait for PostgreSQL; beyond it senders get 503"),
        "HEADWATER_QUEUE_BYTES")
        ->transform(bytes)
        ->capture_default_str()
        ->check(CLI::Range(1 << 20, 2047 << 20))
        ->group(limits);
    env(app.add_option("--feed-cache-bytes", options.feed_cache_bytes,
                       "Memory for closed feed pages; 0 keeps none"),
        "HEADWATER_FEED_CACHE_BYTES")
        ->transform(bytes)
        ->capture_default_str()
        ->check(CLI::Range(0, 2047 << 20))
        ->group(limits);
    env(app.add_option("--live-buffer", options.live_buffer_bytes,
                       "Bytes that may wait for one live subscriber"),
        "HEADWATER_LIVE_BUFFER")
        ->transform(bytes)
        ->capture_default_str()
        ->check(CLI::Range(16 << 10, 1 << 30))
        ->group(limits);
    env(app.add_option("--max-connections", options.max_connections, "Open connections on the public port"),
        "HEADWATER_MAX_CONNECTIONS")
        ->capture_default_str()
        ->check(CLI::Range(10, 1'000'000))
        ->group(limits);
    env(app.add_option("--max-connections-per-address", options.max_connections_per_address,
                       "Of them, from one client's address; 0 = three quarters"),
        "HEADWATER_MAX_CONNECTIONS_PER_ADDRESS")
        ->capture_default_str()
        ->check(CLI::Range(0, 1'000'000))
        ->group(limits);
    env(app.add_option("--io-threads", options.io_threads,
                       "Threads for connections; 0 = one per core, at most four"),
        "HEADWATER_IO_THREADS")
        ->capture_default_str()
        ->check(CLI::Range(0, 64))
        ->group(limits);
    env(app.add_option("--drain-timeout", raw.drain_timeout, "How long SIGTERM waits for work under way"),
        "HEADWATER_DRAIN_TIMEOUT")
        ->capture_default_str()
        ->group(limits);
    const std::string other = "Other";
    env(app.add_option("--node", options.node, "This node's label; left out, its host and process"),
        "HEADWATER_NODE")
        ->group(other);
    env(app.add_option("--log-level", options.log_level, "trace, debug, info, warn or error"),
        "HEADWATER_LOG_LEVEL")
        ->capture_default_str()
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
        ->group(other);
}

ServeOptions finish(ServeOptions options, const RawOptions& raw, Mistakes& mistakes) {
    options.listen = read_endpoint("--listen", raw.listen, mistakes);
    options.ops_listen = read_endpoint("--ops-listen", raw.ops_listen, mistakes);
    options.data_dir = raw.data_dir.empty() ? default_data_dir() : std::filesystem::absolute(raw.data_dir);
    options.drain_timeout = read_seconds("--drain-timeout", raw.drain_timeout, mistakes);
    options.brokers = read_brokers(raw.rabbit, mistakes);
    while (options.public_url.ends_with('/')) options.public_url.pop_back();
    if (mistakes.empty()) check(options, mistakes);
    return options;
}

}  // namespace

bool Endpoint::is_loopback() const {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

CommandLineResult read_command_line(int argc, const char* const* argv) {
    CommandLineResult result;
    RawOptions raw;
    CLI::App app{
        "Headwater: stores typed events durably and carries each one to queues, webhooks, feeds and live "
        "subscribers.\n"
        "Start with: headwater serve"};
    app.set_version_flag("--version", std::string(kVersion));
    app.require_subcommand(1);
    CLI::App* serve = app.add_subcommand("serve", "Run the server");
    CLI::App* migrate =
        app.add_subcommand("migrate", "Bring the database's schema up to this version and exit");
    CLI::App* openapi = app.add_subcommand("openapi", "Print the API's description (OpenAPI, YAML)");
    CLI::App* version = app.add_subcommand("version", "Print the version");
    for (CLI::App* command : {serve, migrate}) {
        add_serve_options(*command, result.line.serve, raw);
        command->set_config("--config", "", "Read options from this TOML file")->envname("HEADWATER_CONFIG");
        command->allow_config_extras(CLI::config_extras_mode::error);
    }
    serve->footer(
        "Each option is also a variable (HEADWATER_LISTEN) and a key of the --config file (listen = "
        "\"…\").\n\n"
        "Examples:\n"
        "  headwater serve\n"
        "  headwater serve --rabbit amqp://guest:guest@127.0.0.1:5672/ --log-level debug\n"
        "  headwater serve --database-url postgresql://headwater@db/headwater --public-url "
        "https://events.example.org");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error, std::cout, std::cerr);
        return {true, code == 0 ? 0 : 2, {}};
    }
    using Command = CommandLine::Command;
    result.line.command = serve->parsed()     ? Command::serve
                          : migrate->parsed() ? Command::migrate
                          : openapi->parsed() ? Command::openapi
                                              : Command::version;
    (void)version;
    Mistakes mistakes;
    result.line.serve = finish(result.line.serve, raw, mistakes);
    for (const std::string& mistake : mistakes) std::cerr << "headwater: " << mistake << "\n";
    if (!mistakes.empty()) return {true, 2, {}};
    return result;
}

}  // namespace headwater::app
