// Puts live load on a server: WebSocket subscribers and HTTP publishers, one thread, one epoll.

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "run.hpp"

namespace {

using headwater::bench::Plan;

/// A connection is a descriptor.
void allow_many_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::uint64_t> read_ids(const std::string& path) {
    std::ifstream in(path);
    return {std::istream_iterator<std::uint64_t>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
    Plan plan;
    std::string body_file;
    std::string history_file;
    CLI::App app{"Live load: subscribers and publishers on 127.0.0.1."};
    app.add_option("--port", plan.subscribers.port, "Of the server")->required();
    app.add_flag("--tls", plan.subscribers.is_secure, "Speak TLS, whatever the certificate");
    app.add_option("--subscribe", plan.subscribers.target, "Target of the WebSockets' request")->required();
    app.add_option("--subscribers", plan.subscriber_count, "How many WebSockets read");
    app.add_option("--stalled", plan.stalled_count, "How many more never read");
    app.add_option("--handshakes", plan.handshakes, "How many connect at a time");
    app.add_flag("--greeting", plan.subscribers.has_greeting, "The server's first frame is no event");
    app.add_flag("--stamps", plan.subscribers.reads_stamps, "Events end with created_at: measure from then");
    app.add_flag("--ids", plan.subscribers.reads_ids, "Events begin with their id: check the order");
    app.add_option("--history", history_file, "File of ids in order: resume after one and expect the rest");
    app.add_option("--spread", plan.subscribers.spread, "After which of the first so many, in turn")
        ->check(CLI::PositiveNumber);
    app.add_option("--expect", plan.subscribers.expected, "Events that each subscriber waits for");
    app.add_option("--publish", plan.post_target, "Target of the publishers' POST");
    app.add_option("--publishers", plan.publisher_count, "How many keep-alive connections publish");
    app.add_option("--body", body_file, "File with the body to publish");
    app.add_option("--events", plan.events, "How many to publish, as fast as answers come");
    app.add_option("--rate", plan.rate, "Or so many a second");
    app.add_option("--seconds", plan.time, "... for so long");
    app.add_flag("--hold", plan.holds, "Keep the subscribers until standard input ends");
    app.add_option("--patience", plan.patience, "Seconds to wait for connections and events");
    CLI11_PARSE(app, argc, argv);
    allow_many_descriptors();
    try {
        plan.body = read_file(body_file);
        plan.subscribers.history = read_ids(history_file);
        return headwater::bench::Run(plan).execute() ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "headwater_live_load: " << error.what() << "\n";
        return 2;
    }
}
