#include "cli/streams/dead_actions.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "cli/paged.hpp"
#include "cli/streams/stream_action.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"

namespace headwater::cli {
namespace {

using Align = Table::Align;

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

}  // namespace

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

}  // namespace headwater::cli
