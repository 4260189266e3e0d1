#include <memory>
#include <stdexcept>

#include "cli/commands.hpp"
#include "cli/event_printer.hpp"
#include "cli/feed/feed_walker.hpp"
#include "cli/interrupt.hpp"
#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

struct FeedOptions {
    ServerAddress address;
    FeedQuery query;
    bool should_acknowledge = false;
    bool is_json = false;
};

void look_for_mistakes(const FeedOptions& options, std::vector<std::string>& mistakes) {
    const FeedQuery& query = options.query;
    if (options.should_acknowledge && query.client.empty()) {
        mistakes.emplace_back("--ack: whose? say --client NAME");
    }
    if (query.is_following && !query.to.empty()) {
        mistakes.emplace_back("--follow and --to: what has an end cannot be followed");
    }
}

void acknowledge(Server& server, const std::string& client, const std::vector<Json>& events) {
    std::string ids;
    for (const Json& event : events) ids += (ids.empty() ? "" : ",") + to_json_string(event["id"].text());
    (void)server.put("/api/events/ok/" + encode_url(client), "{\"ids\":[" + ids + "]}");
}

int run(const FeedOptions& options) {
    catch_interrupts();
    Server server(options.address);
    const EventPrinter printer(options.is_json ? EventPrinter::Form::json : EventPrinter::Form::line);
    FeedWalker(server, options.query).walk([&](const std::vector<Json>& events) {
        for (const Json& event : events) {
            if (!printer.print(event)) return false;
        }
        if (options.should_acknowledge) acknowledge(server, options.query.client, events);
        return is_output_open();
    });
    return kSuccess;
}

}  // namespace

void add_feed(Subcommand& root) {
    const auto options = std::make_shared<FeedOptions>();
    FeedQuery& query = options->query;
    Subcommand& command = root.add("feed", "Print stored events, page by page along the feed's links");
    command.optional_argument("TYPES", texts(query.types, "TYPES"), "Types to show, such as financial:*");
    command.options()
        .add("slice", choice(query.slice, {"minute", "hour", "day", "month"}), "How the log is cut")
        .add("at", text(query.at, "TIME"), "The slice to begin with: current, or a time within it")
        .add("from", text(query.from, "TIME"), "Instead of slices: everything from this time on")
        .add("to", text(query.to, "TIME"), "And before this one")
        .add("subject", text(query.subject, "TEXT"), "Only events of this subject")
        .add("limit", number(query.limit, 0, 1'000'000'000), "How many events; 0 = all")
        .add("oldest-first", flag(query.is_oldest_first),
             "From the beginning of the log, or from --at or --from")
        .add("follow", flag(query.is_following), "Oldest first, and then wait for what comes")
        .add("client", text(query.client, "NAME"), "Only what this consumer has not processed")
        .add("ack", flag(options->should_acknowledge), "Mark as processed what was printed")
        .add("json", flag(options->is_json), "One JSON object a line, as the server sent it");
    add_server_options(command, options->address);
    command
        .explain(
            "Newest first unless told otherwise. With --client and --ack an event is marked once its page "
            "has "
            "been printed; one that was printed and not marked (a crash) comes again.")
        .examples({"headwater feed --limit 20",
                   "headwater feed 'financial:*' --from 2026-02-01 --to 2026-03-01 --limit 0",
                   "headwater feed --client billing --ack --oldest-first --limit 0 --json | ./bill",
                   "headwater feed --follow --limit 0"})
        .check([options](auto& mistakes) { look_for_mistakes(*options, mistakes); })
        .run([options] { return run(*options); });
}

}  // namespace headwater::cli
