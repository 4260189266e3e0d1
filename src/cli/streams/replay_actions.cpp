#include "cli/streams/replay_actions.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "cli/interrupt.hpp"
#include "cli/paged.hpp"
#include "cli/streams/stream_action.hpp"
#include "cli/terminal/terminal.hpp"
#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

std::string replay_body(const StreamOptions& options) {
    std::string body = "{\"from\":" + to_json_string(options.from);
    if (!options.to.empty()) body += ",\"to\":" + to_json_string(options.to);
    if (options.only_dead) body += ",\"only\":\"dead\"";
    if (options.rate > 0) body += fmt::format(",\"rate\":{}", options.rate);
    return body + "}";
}

std::string replay_line(const Json& replay) {
    return fmt::format("replay {} {}: {} of {} ({} delivered, {} failed, {} skipped)", replay["id"].text(),
                       replay["state"].text(), with_commas(replay["done"].number()),
                       with_commas(replay["total"].number()), replay["delivered"].text(),
                       replay["failed"].text(), replay["skipped"].text());
}

/// Starts one and shows its progress until it is done; Ctrl-C leaves it running.
int replay(const StreamOptions& options) {
    catch_interrupts();
    Server server(options.address);
    Json job = server.post(options.path("/replays"), replay_body(options));
    const std::string path = options.path("/replays/" + encode_url(job["id"].text()));
    const bool is_shown = is_terminal(STDERR_FILENO);
    while (!options.is_detached && job["state"].text() == "running" && !is_interrupted()) {
        if (is_shown) std::cerr << "\r" << replay_line(job) << "\033[K" << std::flush;
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        if (!is_interrupted()) job = server.get(path);
    }
    if (is_shown && !options.is_detached) std::cerr << "\r\033[K" << std::flush;
    const int code = options.is_json ? print_json(job) : print_line(replay_line(job));
    return job["failed"].number() > 0 && job["state"].text() == "done" ? kFailure : code;
}

int cancel_replay(const StreamOptions& options) {
    Server server(options.address);
    const Json job = server.remove(options.path("/replays/" + encode_url(options.event)));
    return options.is_json ? print_json(job) : print_line("cancelled");
}

}  // namespace

void add_replay_actions(Subcommand& streams) {
    const auto options = std::make_shared<StreamOptions>();
    add_action(streams, "replay", "Deliver a range of events once more, and show how it goes", options,
               replay)
        .explain("Ends when the replay does. Ctrl-C leaves it running: it is a job of the server's.")
        .examples({"headwater streams replay shop --from 2026-02-01T00:00:00Z --to 2026-02-02T00:00:00Z",
                   "headwater streams replay shop --from 1 --only-dead --rate 50"})
        .check([options](auto& mistakes) {
            if (options->from.empty()) mistakes.emplace_back("--from: from which event or time on?");
        })
        .options()
        .add("from", text(options->from, "ID|TIME"), "The first event")
        .add("to", text(options->to, "ID|TIME"), "The last one; left out, the newest")
        .add("only-dead", flag(options->only_dead), "Only dead events")
        .add("rate", number(options->rate, 0, 1'000'000), "Events a second; 0 = as fast as it goes")
        .add("detach", flag(options->is_detached), "Do not wait for its end");
    const auto cancelled = std::make_shared<StreamOptions>();
    add_action(streams, "cancel-replay", "End a replay before its end", cancelled, cancel_replay)
        .argument("REPLAY", text(cancelled->event, "REPLAY"), "Its id");
}

}  // namespace headwater::cli
