#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/io_threads.hpp"
#include "core/acknowledger.hpp"
#include "core/appender.hpp"
#include "core/attempt_log.hpp"
#include "core/feed_waiters.hpp"
#include "core/log_tail.hpp"
#include "core/registry.hpp"
#include "core/stream_tester.hpp"
#include "core/work_pool.hpp"
#include "rest/live_handover.hpp"
#include "rest/server.hpp"
#include "tests/support/fake_sink_type.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/memory_deliveries.hpp"
#include "tests/support/memory_feeds.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_registry.hpp"

namespace headwater::testing {

/// The public port over a log, a registry and feeds in memory, with one io thread. The event type "a:b" is
/// registered.
class HttpServerFixture {
  public:
    explicit HttpServerFixture(rest::ServerOptions options = {})
        : server(io.contexts(), std::move(options), services) {
        Registration registration;
        registration.type = "a:b";
        (void)store.put(registration);
        registry.refresh();
        tail.add_listener([this](const EventBatch& events, Position) { feed_waiters.on_events(events); });
        tail.start();
        server.start();
    }
    ~HttpServerFixture() {
        tester.stop();
        feed_waiters.stop();
        server.stop();
        appender.stop();
        acknowledger.stop();
        readers.stop();
        tail.stop();
        io.stop();
        live_connections.clear();  // sockets go before their contexts
    }

    [[nodiscard]] HttpClient connect() const { return HttpClient(server.port(), std::chrono::seconds(10)); }
    HttpAnswer request(std::string_view method, std::string_view target, std::string_view body = {},
                       const HttpHeaders& headers = {}) const {
        return http_request(server.port(), method, target, body, headers);
    }
    HttpAnswer send_json(std::string_view body, HttpHeaders headers = {}) const {
        headers.emplace_back("Content-Type", "application/json");
        return request("POST", "/api/events/send", body, headers);
    }

    SystemClock clock;
    NullMetrics metrics;
    MemoryLog log;
    MemoryRegistryStore store;
    MemoryFeeds feeds;
    Registry registry{store};
    LogTail tail{log};
    Appender appender{log, tail, clock, metrics, {}};
    Acknowledger acknowledger{feeds};
    FeedWaiters feed_waiters;
    WorkPool readers{"reader", 2, 100};
    SinkTypes sinks = make_sinks();
    FakeSinkType& fake_sink = static_cast<FakeSinkType&>(*sinks.front());
    MemoryDeliveries deliveries{clock};
    AttemptLog attempts;
    StreamTester tester{sinks, readers};
    std::map<StreamId, StreamStatus> statuses;  // of the streams that run here; before the first request
    std::vector<rest::LiveConnection> live_connections;  // the io thread's until live_count has grown
    std::atomic<int> live_count{0};
    rest::LiveHandover live{[this](rest::LiveConnection c) { keep(std::move(c)); },
                            [this](rest::LiveConnection c) { keep(std::move(c)); }};
    std::vector<std::string> complaints;  // before the first request
    rest::Services services{.registry = registry,
                            .registry_store = store,
                            .appender = appender,
                            .acknowledger = acknowledger,
                            .ack_store = feeds,
                            .log = log,
                            .tail = tail,
                            .feeds = feeds,
                            .feed_waiters = feed_waiters,
                            .readers = readers,
                            .sinks = sinks,
                            .metrics = metrics,
                            .clock = clock,
                            .live = live,
                            .deliveries = deliveries,
                            .tester = tester,
                            .node = "here",
                            .stream_status = [this](StreamId stream) { return status_of(stream); },
                            .attempts = [this](StreamId stream) { return attempts.of(stream); },
                            .readiness = [this] { return rest::Readiness{complaints}; },
                            .registry_changed = {}};
    app::IoThreads io{1};
    rest::Server server;

  private:
    void keep(rest::LiveConnection connection) {
        live_connections.push_back(std::move(connection));
        ++live_count;
    }
    std::optional<StreamStatus> status_of(StreamId stream) const {
        const auto found = statuses.find(stream);
        return found == statuses.end() ? std::nullopt : std::optional(found->second);
    }
    static SinkTypes make_sinks() {
        SinkTypes types;
        types.push_back(std::make_unique<FakeSinkType>());
        return types;
    }
};

}  // namespace headwater::testing
