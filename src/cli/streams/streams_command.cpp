#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "cli/commands.hpp"
#include "cli/event_printer.hpp"
#include "cli/http/server.hpp"
#include "cli/interrupt.hpp"
#include "cli/paged.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

using Align = Table::Align;

/// The values of one subcommand of `streams`.
struct StreamOptions {
    ServerAddress address;
    std::string stream;
    std::string event;
    std::string from;
    std::string to;
    std::size_t rate = 0;
    std::size_t limit = 100;
    bool is_all = false;
    bool only_dead = false;
    bool is_detached = false;
    bool is_json = false;

    [[nodiscard]] std::string path(const std::string& rest = "") const {
        return "/api/streams/" + encode_url(stream) + rest;
    }
};

using Options = std::shared_ptr<StreamOptions>;

std::string lag_text(const Json& lag) {
    return with_commas(lag["events"].number()) + (lag["atLeast"].is_true() ? "+" : "");
}

std::string age_text(const Json& lag) {
    return lag["events"].number() == 0 ? "-" : short_duration(lag["seconds"].number());
}

std::string painted_state(const Paint& paint, const std::string& state) {
    if (state == "running") return paint.green(state);
    if (state == "blocked") return paint.red(state);
    return paint.yellow(state);
}

std::string types_text(const Json& stream) {
    if (!stream["type"].is_absent()) return stream["type"].text();
    std::string text;
    for (const Json& type : stream["types"].elements()) text += (text.empty() ? "" : ",") + type.text();
    return text;
}

int list(const StreamOptions& options) {
    Server server(options.address);
    const std::vector<Json> streams = all_pages(server, "/api/streams", "streams");
    if (options.is_json) return print_elements(streams);
    const Paint paint = Paint::for_output();
    Table table({{"ID", Align::right},
                 {"NAME"},
                 {"TYPES"},
                 {"SOURCE"},
                 {"STATE"},
                 {"LAG", Align::right},
                 {"OLDEST", Align::right},
                 {"DEAD", Align::right},
                 {"LAST ERROR"}});
    for (const Json& stream : streams) {
        table.add({stream["id"].text(), printable(stream["name"].text()), printable(types_text(stream)),
                   stream["source"].text(), painted_state(paint, stream["state"].text()),
                   lag_text(stream["lag"]), age_text(stream["lag"]), stream["dead"].text(),
                   printable(stream["last_error"].text())});
    }
    return print_table(table, "There are no streams.");
}

/// Every plain member, a line each.
int show(const StreamOptions& options) {
    Server server(options.address);
    const Json stream = server.get(options.path());
    if (options.is_json) return print_json(stream);
    std::string text;
    for (const auto& [name, value] : stream.members()) {
        if (name == "links") continue;
        std::string shown = value.is_object() || value.is_array() ? value.compact() : value.text();
        if (name == "lag") shown = fmt::format("{} events, {}", lag_text(value), age_text(value));
        text += fmt::format("{:<18}{}\n", name, printable(shown));
    }
    return write_output(text) ? kSuccess : kFailure;
}

int change_state(const StreamOptions& options, const std::string& verb) {
    Server server(options.address);
    const Json stream = server.post(options.path("/" + verb));
    return options.is_json
               ? print_json(stream)
               : print_line(fmt::format("{} is {}", stream["name"].text(), stream["state"].text()));
}

int test(const StreamOptions& options) {
    Server server(options.address);
    const Json result = server.post(options.path("/test"));
    const bool is_delivered = result["delivered"].is_true();
    if (options.is_json) {
        const int code = print_json(result);
        return is_delivered ? code : kFailure;
    }
    std::string line = is_delivered ? "delivered" : "not delivered: " + result["result"].text();
    if (!result["status"].is_absent()) line += ", status " + result["status"].text();
    if (!result["reason"].is_absent()) line += ", " + printable(result["reason"].text());
    if (!result["duration_seconds"].is_absent()) line += ", in " + result["duration_seconds"].text() + " s";
    (void)print_line(line);
    return is_delivered ? kSuccess : kFailure;
}

int skip(const StreamOptions& options) {
    Server server(options.address);
    const Json answer = server.post(options.path("/skip"));
    return options.is_json ? print_json(answer)
                           : print_line("The event at the head was given up; it is dead now.");
}

int rotate_secret(const StreamOptions& options) {
    Server server(options.address);
    const Json answer = server.post(options.path("/rotate-secret"));
    if (options.is_json) return print_json(answer);
    return print_line(fmt::format("{}\nIt signs from now on; the old one does too until {}.",
                                  answer["secret"].text(), answer["old_signs_until"].text()));
}

int dead(const StreamOptions& options) {
    Server server(options.address);
    const auto events = all_pages(server, options.path("/dead"), "events", options.limit);
    if (options.is_json) return print_elements(events);
    Table table({{"EVENT", Align::right}, {"TYPE"}, {"DIED"}, {"ATTEMPTS", Align::right}, {"LAST ERROR"}});
    for (const Json& event : events) {
        table.add({event["id"].text(), printable(event["type"].text()), event["died_at"].text().substr(0, 19),
                   event["attempts"].text(), printable(event["last_error"].text())});
    }
    return print_table(table, "No event of this stream is dead.");
}

int retry(const StreamOptions& options) {
    if (options.event.empty() == !options.is_all) {
        std::cerr << "headwater: which? an EVENT, or --all\n";
        return kBadUsage;
    }
    Server server(options.address);
    const std::string path = options.is_all ? options.path("/dead/retry")
                                            : options.path("/dead/" + encode_url(options.event) + "/retry");
    const Json answer = server.post(path);
    if (options.is_json) return print_json(answer);
    return print_line(fmt::format("{} dead events are tried again.", answer["retried"].text()));
}

int attempts(const StreamOptions& options) {
    Server server(options.address);
    const Json body = server.get(options.path("/attempts"));
    const auto found = body["attempts"].elements();
    if (options.is_json) return print_elements(found);
    Table table({{"AT"},
                 {"EVENT", Align::right},
                 {"ATTEMPT", Align::right},
                 {"RESULT"},
                 {"STATUS", Align::right},
                 {"SECONDS", Align::right},
                 {"REASON"}});
    for (const Json& attempt : found) {
        table.add({attempt["at"].text().substr(0, 23), attempt["event"].text(), attempt["attempt"].text(),
                   attempt["result"].text(), attempt["status"].text(), attempt["duration_seconds"].text(),
                   printable(attempt["reason"].text())});
    }
    return print_table(table, "No attempts are in the memory of the node that runs it.");
}

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

/// A child of `streams` that takes the stream's id or name.
Subcommand& add_action(Subcommand& streams, const std::string& name, const std::string& sentence,
                       const Options& options, int (*action)(const StreamOptions&)) {
    Subcommand& command = streams.add(name, sentence);
    command.argument("STREAM", text(options->stream, "STREAM"), "Its id or name");
    command.options().add("json", flag(options->is_json), "Print the server's answer");
    add_server_options(command, options->address);
    command.run([options, action] { return action(*options); });
    return command;
}

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

void add_dead_actions(Subcommand& streams) {
    const auto listed = std::make_shared<StreamOptions>();
    add_action(streams, "dead", "Events that were given up", listed, dead)
        .options()
        .add("limit", number(listed->limit, 0, 1'000'000), "How many; 0 = all");
    const auto retried = std::make_shared<StreamOptions>();
    add_action(streams, "retry", "Try a dead event, or all of them, again", retried, retry)
        .optional_argument("EVENT", text(retried->event, "EVENT"), "The event's id")
        .options()
        .add("all", flag(retried->is_all), "All dead events of the stream");
}

void add_plain_actions(Subcommand& streams) {
    const auto add = [&streams](const char* name, const char* sentence, int (*action)(const StreamOptions&)) {
        add_action(streams, name, sentence, std::make_shared<StreamOptions>(), action);
    };
    add("show", "Everything about one stream", show);
    add("pause", "Stop delivering; the cursor waits",
        [](const StreamOptions& options) { return change_state(options, "pause"); });
    add("resume", "Go on from the cursor",
        [](const StreamOptions& options) { return change_state(options, "resume"); });
    add("test", "Send one test event to the destination, and say what it answered", test);
    add("skip", "Give up the event at the head of a strict stream that does not get on", skip);
    add("attempts", "The latest attempts, in the memory of the node that runs it", attempts);
    add("rotate-secret", "Sign with a new secret; it is shown this once", rotate_secret);
}

}  // namespace

void add_streams(Subcommand& root) {
    const auto options = std::make_shared<StreamOptions>();
    Subcommand& streams = root.add("streams", "List streams, see what is stuck, and mend it");
    streams.options().add("json", flag(options->is_json), "One JSON object a line");
    add_server_options(streams, options->address);
    streams
        .examples({"headwater streams", "headwater streams show shop", "headwater streams test shop",
                   "headwater streams dead shop", "headwater streams retry shop --all",
                   "headwater streams replay shop --from 2026-02-01T00:00:00Z --rate 50"})
        .run([options] { return list(*options); });
    add_plain_actions(streams);
    add_dead_actions(streams);
    add_replay_actions(streams);
}

}  // namespace headwater::cli
