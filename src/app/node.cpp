#include "app/node.hpp"

#include <algorithm>

#include "app/health_monitor.hpp"
#include "app/io_threads.hpp"
#include "app/live_arrival.hpp"
#include "app/monitors.hpp"
#include "app/node_identity.hpp"
#include "app/node_keys.hpp"
#include "app/part_options.hpp"
#include "app/rooms.hpp"
#include "app/state_events.hpp"
#include "app/stats_sampler.hpp"
#include "app/storage.hpp"
#include "core/acknowledger.hpp"
#include "core/appender.hpp"
#include "core/check_in_desk.hpp"
#include "core/dispatcher.hpp"
#include "core/feed_waiters.hpp"
#include "core/key_keeper.hpp"
#include "core/lease_keeper.hpp"
#include "core/live_hub.hpp"
#include "core/log.hpp"
#include "core/log_tail.hpp"
#include "core/monitor_timer.hpp"
#include "core/registry.hpp"
#include "core/resume_horizon.hpp"
#include "core/stats_history.hpp"
#include "core/stream_tester.hpp"
#include "core/work_pool.hpp"
#include "postgres/listener.hpp"
#include "postgres/retention_keeper.hpp"
#include "rest/live_handover.hpp"
#include "rest/ops/ops_server.hpp"
#include "rest/ops/prometheus_metrics.hpp"
#include "rest/server.hpp"
#include "sinks/builtin_sinks.hpp"
#include "ws/live_server.hpp"

namespace headwater::app {
/// Declared in the order in which the parts start; destruction runs the other way.
struct Node::Parts {
    Parts(const ServeOptions& options, const MakeLogWriter& make_log_writer);

    void subscribe();
    void start();
    void refresh_registry();
    void hand_over(rest::LiveConnection connection, bool is_websocket);
    [[nodiscard]] rest::Services make_services();
    [[nodiscard]] RunnerServices runner_services();
    [[nodiscard]] Dispatcher::Outlets dispatcher_outlets();
    [[nodiscard]] LeaseKeeper::Callbacks lease_callbacks();

    const bool is_alone;  ///< with its database
    const std::string node;
    const std::shared_ptr<transport::TlsIdentity> tls;  ///< null = plain HTTP

    Storage storage;
    postgres::Database& database;
    SystemClock clock;
    NodeKeys keys;
    rest::PrometheusMetrics metrics;
    StatsHistory stats;
    StatsSampler sampler;
    SinkTypes sinks;
    const NoticeSinkType& notices;
    WorkPool readers;
    WorkPool stream_pool;
    StreamTester tester;
    Registry registry;
    LogTail tail;
    FeedWaiters feed_waiters;
    std::unique_ptr<LogWriter> writer;
    Appender appender;
    Acknowledger acknowledger;
    CheckInDesk check_ins;
    rest::MonitorServices monitors;
    Rooms rooms;
    Dispatcher dispatcher;
    LeaseKeeper leases;
    RegistryHorizon horizon;
    LiveHub hub;
    HealthMonitor health;
    IoThreads io;
    ws::LiveServer live;
    rest::LiveHandover handover;
    rest::Services services;
    rest::Server server;
    std::unique_ptr<KeyKeeper> key_keeper;
    std::unique_ptr<postgres::Listener> listener;
    std::unique_ptr<postgres::RetentionKeeper> keeper;
    std::unique_ptr<MonitorTimer> monitor_timer;
    rest::OpsServer ops;
};

Node::Parts::Parts(const ServeOptions& options, const MakeLogWriter& make_log_writer)
    : is_alone(options.database_url.empty()),
      node(label_of(options)),
      tls(tls_identity(options)),
      storage(options),
      database(storage.database()),
      keys(database.key_store(), clock, options),
      sampler([this] { return metrics.figures(); }, clock, stats),
      sinks(make_builtin_sinks(sink_options(options))),
      notices(add_notice_sink(sinks)),
      readers("reader", options.database_readers, kQueuedReads),
      stream_pool("stream-reader", kStreamThreads, kQueuedStreamWork),
      tester(sinks, stream_pool),
      registry(database.registry_store()),
      tail(database.log_reader()),
      writer(make_log_writer ? make_log_writer() : database.make_log_writer()),
      appender(*writer, tail, clock, metrics, appender_options(options)),
      acknowledger(database.ack_store()),
      check_ins(database.make_check_in_writer(), metrics),
      monitors{database.monitor_store(), check_ins, notices},
      rooms(database, sink_options(options).webhook_allow, clock, readers),
      dispatcher(runner_services(), dispatcher_outlets(), {.node = node}),
      leases(database.lease_store(), clock, appender.process(), node, lease_callbacks()),
      horizon(registry, clock),
      hub(database.log_reader(), readers, horizon, clock, metrics),
      health(appender, {[this] { return database.is_writable_primary(); },
                        [this] { return database.clock_now(); }, [this] { return storage.disk(); }}),
      io(io_threads_of(options)),
      live(io.contexts(), hub, metrics, live_options(options), rooms.loader()),
      handover{[this](rest::LiveConnection connection) { hand_over(std::move(connection), true); },
               [this](rest::LiveConnection connection) { hand_over(std::move(connection), false); }},
      services(make_services()),
      server(io.contexts(), server_options(options, tls), services),
      ops({options.ops_listen.host, options.ops_listen.port},
          {[this] { return metrics.to_text(); }, [this] { return health.complaints(); }}) {
    subscribe();
    start();
}

/// Who is told of what, before the first of it comes.
void Node::Parts::subscribe() {
    registry.add_listener([this](const RegistryViewPtr& view) {
        dispatcher.apply(view);
        leases.wake();  // there may be new streams to claim
    });
    keys.ring().add_listener([this](const KeyView& now) {
        live.end_unwelcome(now.is_open());
        feed_waiters.wake_all();
    });
    tail.add_listener(
        [this](const EventBatch& events, Position position) { hub.on_events(events, position); });
    tail.add_listener([this](const EventBatch& events, Position) { feed_waiters.on_events(events); });
    tail.add_listener([this](const EventBatch& events, Position) { rooms.on_events(events); });
    rooms.listen_to(registry);
    tail.add_listener(
        [this](const EventBatch& events, Position position) { dispatcher.on_events(events, position); });
}

void Node::Parts::start() {
    tail.start();
    hub.begin_at(tail.position());
    dispatcher.start();
    register_monitor_types(database.registry_store());
    registry.refresh();
    key_keeper = std::make_unique<KeyKeeper>(keys.ring());
    listener = database.make_listener({.own_process = appender.process(),
                                       .on_log = [this] { tail.wake(); },
                                       .on_registry = [this] { refresh_registry(); },
                                       .on_stream = [this](auto stream) { dispatcher.want_work(stream); },
                                       .on_leases = [this] { leases.wake(); },
                                       .on_keys = [this] { key_keeper->wake(); }});
    // A restart after a crash need not wait for its own former lease to run out.
    if (is_alone) database.lease_store().end_all();
    leases.start();
    keeper = database.make_keeper([this](const auto& losses) { metrics.stream_losses(losses); });
    monitor_timer =
        std::make_unique<MonitorTimer>(database.make_late_monitors(), metrics, MonitorTimer::Options{});
    server.start();
}

void Node::Parts::refresh_registry() {
    const bool accepted = readers.submit([this] {
        try {
            rooms.catch_up(registry.refresh()->generation());
        } catch (const std::exception& error) {
            log::warn("registry.stale", {{"error", error.what()}});
        }
    });
    if (!accepted) log::warn("registry.stale", {{"error", "the readers are busy"}});
}

void Node::Parts::hand_over(rest::LiveConnection connection, bool is_websocket) {
    ws::Arrival arrival = to_arrival(std::move(connection));
    if (is_websocket) {
        live.accept_websocket(std::move(arrival));
    } else {
        live.accept_event_stream(std::move(arrival));
    }
}

rest::Services Node::Parts::make_services() {
    return {.registry = registry,
            .registry_store = database.registry_store(),
            .appender = appender,
            .acknowledger = acknowledger,
            .ack_store = database.ack_store(),
            .log = database.log_reader(),
            .tail = tail,
            .feeds = database.feed_reader(),
            .feed_waiters = feed_waiters,
            .readers = readers,
            .sinks = sinks,
            .metrics = metrics,
            .clock = clock,
            .live = handover,
            .deliveries = database.delivery_store(),
            .tester = tester,
            .node = node,
            .stream_status = [this](StreamId stream) { return dispatcher.status(stream); },
            .attempts = [this](StreamId stream) { return dispatcher.attempts(stream); },
            .readiness = [this] { return rest::Readiness{health.complaints()}; },
            .registry_changed = [this] { refresh_registry(); },
            .keys = &keys.ring(),
            .rooms = &rooms.services(),
            .monitors = &monitors,
            .stats = &stats};
}

RunnerServices Node::Parts::runner_services() {
    return {.sinks = sinks,
            .reader = database.log_reader(),
            .registry = database.registry_store(),
            .deliveries = database.delivery_store(),
            .pool = stream_pool,
            .clock = clock,
            .metrics = metrics};
}

Dispatcher::Outlets Node::Parts::dispatcher_outlets() {
    return {.release = [this](StreamProgress stream) { leases.release(std::move(stream)); },
            .announce = announce_in_log(registry, appender)};
}

LeaseKeeper::Callbacks Node::Parts::lease_callbacks() {
    return {
        .on_news = [this](LeaseNews news) { dispatcher.on_lease(std::move(news)); },
        .on_released = [this](std::vector<StreamId> streams) { dispatcher.on_released(std::move(streams)); }};
}

Node::Node(const ServeOptions& options, const MakeLogWriter& make_log_writer)
    : parts_(std::make_unique<Parts>(options, make_log_writer)) {}

Node::~Node() = default;

std::uint16_t Node::port() const {
    return parts_->server.port();
}
std::uint16_t Node::ops_port() const {
    return parts_->ops.port();
}

void Node::reload_certificate() {
    if (parts_->tls) parts_->tls->reload();
}

void Node::drain_and_stop(std::chrono::seconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    Parts& parts = *parts_;
    parts.health.begin_draining();
    parts.server.stop_accepting();
    parts.feed_waiters.stop();
    // A third of the time for those who listen, the rest for what was accepted.
    parts.live.stop(std::chrono::steady_clock::now() + timeout / 3);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now() - timeout / 3);
    if (!parts.server.wait_until_drained(std::max(left, std::chrono::milliseconds(0)))) {
        log::warn("drain.cut_short");
    }
    parts.appender.stop();
    parts.acknowledger.stop();
    parts.tester.stop();
    parts.check_ins.stop();
    parts.rooms.stop();
    parts.monitor_timer->stop();
    parts.server.stop();
    parts.listener->stop();
    parts.key_keeper->stop();
    parts.tail.stop();
    parts.dispatcher.stop();
    parts.leases.stop();
    parts.stream_pool.stop();
    parts.readers.stop();
    parts.ops.stop();
    parts.io.stop();
}

}  // namespace headwater::app
