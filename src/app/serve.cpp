#include "app/serve.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <iostream>
#include <thread>

#include "app/service_notice.hpp"
#include "core/log.hpp"

namespace headwater::app {
namespace {

sigset_t signals_of(std::initializer_list<int> numbers) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : numbers) sigaddset(&signals, number);
    return signals;
}

int wait_for(const sigset_t& signals) {
    int received = 0;
    while (sigwait(&signals, &received) != 0) continue;
    return received;
}

/// Each connection is a descriptor; the usual soft limit of 1,024 is there for select(), which nothing here
/// uses.
void allow_many_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warn("limit.unchanged");
}

std::string address(std::string_view scheme, const Endpoint& endpoint, std::uint16_t port) {
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    return is_v6 ? fmt::format("{}://[{}]:{}", scheme, endpoint.host, port)
                 : fmt::format("{}://{}:{}", scheme, endpoint.host, port);
}

/// A terminal that goes away ends what was started from it; to a service SIGHUP says: read your files anew.
bool ends_with_its_terminal(const ServeOptions& options) {
    return options.tls_cert.empty() && isatty(STDIN_FILENO) != 0;
}

/// Until it is told to stop, and by which signal.
int run_until_stopped(Node& node, const ServeOptions& options) {
    const sigset_t signals = signals_of({SIGTERM, SIGINT, SIGHUP});
    for (;;) {
        const int received = wait_for(signals);
        if (received != SIGHUP || ends_with_its_terminal(options)) return received;
        node.reload_certificate();
    }
}

log::Level level_of(std::string_view name) {
    if (name == "trace") return log::Level::trace;
    if (name == "debug") return log::Level::debug;
    if (name == "warn") return log::Level::warn;
    if (name == "error") return log::Level::error;
    return log::Level::info;
}

}  // namespace

int serve(const ServeOptions& options, const Node::MakeLogWriter& make_log_writer) {
    log::set_level(level_of(options.log_level));
    std::signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    // Blocked before any thread starts, so that every thread leaves them to this one.
    const sigset_t signals = signals_of({SIGTERM, SIGINT, SIGHUP});
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    try {
        Node node(options, make_log_writer);
        fmt::print("headwater ready {} ops {}\n",
                   address(options.tls_cert.empty() ? "http" : "https", options.listen, node.port()),
                   address("http", options.ops_listen, node.ops_port()));
        std::fflush(stdout);
        tell_service_manager("READY=1");
        log::info("stop.requested", {{"signal", run_until_stopped(node, options)}});
        std::jthread([] {
            wait_for(signals_of({SIGTERM, SIGINT}));
            _exit(1);
        }).detach();
        tell_service_manager("STOPPING=1");
        node.drain_and_stop(options.drain_timeout);
    } catch (const std::exception& error) {
        std::cerr << "headwater: " << error.what() << "\n";
        return 1;
    }
    log::info("stopped");
    return 0;
}

}  // namespace headwater::app
