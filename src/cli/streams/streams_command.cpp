#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/paged.hpp"
#include "cli/streams/dead_actions.hpp"
#include "cli/streams/replay_actions.hpp"
#include "cli/streams/stream_action.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"

namespace headwater::cli {
namespace {

using Align = Table::Align;

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
