// Intake's ceiling: the public port and the appender as always, with nothing behind them. Prints the ready
// line with its free port, serves the type bench:intake until SIGTERM.

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "app/io_threads.hpp"
#include "bench/null_log.hpp"
#include "core/acknowledger.hpp"
#include "core/appender.hpp"
#include "core/log_tail.hpp"
#include "core/registry.hpp"
#include "core/work_pool.hpp"
#include "rest/live_handover.hpp"
#include "rest/server.hpp"

namespace {

using namespace headwater;

/// Blocked before any thread starts, so that all inherit it and only wait_for_term() takes it.
sigset_t block_term() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void wait_for_term(const sigset_t& signals) {
    int received = 0;
    sigwait(&signals, &received);
}

void serve(const sigset_t& term) {
    bench::NullLog log;
    bench::OneType types("bench:intake");
    bench::NoFeeds feeds;
    bench::NoAcks acks;
    NullMetrics metrics;
    SystemClock clock;
    const SinkTypes sinks;
    const rest::LiveHandover no_live;

    Registry registry(types);
    registry.refresh();
    WorkPool readers("reader", 1, 1000);
    LogTail tail(log);
    tail.start();
    Appender appender(log, tail, clock, metrics, {});
    Acknowledger acknowledger(acks);
    rest::Services services{registry, types, appender, acknowledger, acks,    log, tail, feeds,
                            readers,  sinks, metrics,  clock,        no_live, {},  {},   {}};
    app::IoThreads io(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4));
    rest::Server server(io.contexts(), {}, services);
    server.start();
    fmt::print("headwater_null_log ready http://127.0.0.1:{}\n", server.port());
    std::fflush(stdout);
    wait_for_term(term);
    server.stop();
    appender.stop();
    tail.stop();
}

}  // namespace

int main() {
    serve(block_term());
    return 0;
}
