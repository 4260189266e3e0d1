#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/request_rate.hpp"

namespace headwater::app {

/// A TCP address to listen on. Port 0 takes any free one.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
    [[nodiscard]] bool is_loopback() const;
};

/// A RabbitMQ broker by name; the first one given is `default`.
struct Broker {
    std::string name;
    std::string url;
};

/// What `headwater serve` was told, by option, HEADWATER_… variable or configuration file, in that order of
/// strength. Read once, checked before anything starts.
struct ServeOptions {
    Endpoint listen{"127.0.0.1", 8080};
    Endpoint ops_listen{"127.0.0.1", 8081};
    std::filesystem::path data_dir;
    std::string database_url;  ///< "" = the private PostgreSQL in data_dir
    std::vector<Broker> brokers;
    std::string smtp_url;            ///< "" = no e-mail; may hold a password
    std::string mail_from;           ///< "" = headwater@ this host
    int mail_rate = 60;              ///< mails a minute to one recipient; 0 = no limit
    std::filesystem::path tls_cert;  ///< with tls_key: the public port speaks HTTPS; both "" = plain HTTP
    std::filesystem::path tls_key;
    std::string public_url;  ///< without a slash at the end; "" = from each request's Host
    std::vector<std::string> trusted_proxies;
    std::vector<std::string> webhook_allow;
    std::vector<std::string> cors_origins;
    std::string node;
    std::size_t live_buffer_bytes = 1 << 20;
    std::size_t max_event_bytes = 1 << 20;
    std::size_t max_batch_events = 1000;
    std::size_t queue_bytes = 64 << 20;
    std::size_t feed_cache_bytes = 64 << 20;
    std::size_t max_connections = 20'000;
    std::size_t max_connections_per_address = 0;  ///< 0 = three quarters of them all
    std::size_t io_threads = 0;                   ///< 0 = one per core, at most four
    std::size_t database_readers = 4;
    std::chrono::seconds drain_timeout{15};
    std::string log_level = "info";
    bool insecure_open = false;
    std::optional<RequestRate> key_rate;  ///< of keys that have none of their own; none = no limit
};

/// Where data_dir stands when nobody says.
[[nodiscard]] std::filesystem::path default_data_dir();

}  // namespace headwater::app
