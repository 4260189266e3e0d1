#include <fmt/format.h>

#include <memory>
#include <stdexcept>

#include "cli/commands.hpp"
#include "cli/http/server.hpp"
#include "cli/paged.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

struct MonitorOptions {
    ServerAddress address;
    std::string monitor;
    std::string name;
    std::string description;
    std::string interval;
    std::size_t threshold = 0;
    std::vector<std::string> mails;
    std::vector<std::string> webhooks;
    bool is_json = false;

    [[nodiscard]] std::string path(const std::string& rest = "") const {
        return "/api/monitors/" + encode_url(monitor) + rest;
    }
};

using Options = std::shared_ptr<MonitorOptions>;

std::string painted_status(const Paint& paint, const std::string& status) {
    if (status == "Ok") return paint.green(status);
    if (status == "Dead") return paint.red(status);
    return paint.yellow(status);
}

std::string time_text(const Json& time) {
    const std::string text = time.text();
    return text.empty() ? "-" : text.substr(0, 19) + "Z";
}

int list(const MonitorOptions& options) {
    Server server(options.address);
    const auto monitors = all_pages(server, "/api/monitors", "monitors");
    if (options.is_json) return print_elements(monitors);
    const Paint paint = Paint::for_output();
    Table table({{"ID", Table::Align::right}, {"STATUS"}, {"LAST CHECK-IN"}, {"DUE"}, {"EVERY"}, {"NAME"}});
    for (const Json& monitor : monitors) {
        const std::string status = painted_status(paint, monitor["status"].text());
        table.add({monitor["id"].text(), monitor["paused"].is_true() ? status + " (paused)" : status,
                   time_text(monitor["last_check_in"]), time_text(monitor["due_at"]),
                   monitor["interval"].text(), printable(monitor["name"].text())});
    }
    return print_table(table, "There are no monitors.");
}

int print_monitor(const Json& monitor, const MonitorOptions& options) {
    if (options.is_json) return print_json(monitor);
    std::string text;
    for (const auto& [name, value] : monitor.members()) {
        if (name == "links" || name == "check_ins" || value.is_null()) continue;
        const std::string shown = value.is_object() || value.is_array() ? value.compact() : value.text();
        if (!shown.empty()) text += fmt::format("{:<15}{}\n", name, printable(shown));
    }
    for (const Json& check_in : monitor["check_ins"].elements()) {
        text += fmt::format("{:<15}{}\n", "checked in", check_in["at"].text());
    }
    return write_output(text) ? kSuccess : kFailure;
}

int show(const MonitorOptions& options) {
    Server server(options.address);
    return print_monitor(server.get(options.path()), options);
}

std::string body_of(const MonitorOptions& options) {
    std::string notify;
    const auto add = [&notify](const std::string& source, const std::string& member,
                               const std::string& value) {
        notify += fmt::format("{}{{\"source\":\"{}\",\"{}\":{}}}", notify.empty() ? "" : ",", source, member,
                              to_json_string(value));
    };
    for (const std::string& mail : options.mails) add("email", "to", mail);
    for (const std::string& webhook : options.webhooks) add("webhook", "uri", webhook);
    return fmt::format(R"({{"name":{},"description":{},"interval":{},"threshold":{},"notify":[{}]}})",
                       to_json_string(options.name), to_json_string(options.description),
                       to_json_string(options.interval), options.threshold, notify);
}

int create(const MonitorOptions& options) {
    Server server(options.address);
    const Json monitor = server.post("/api/monitors", body_of(options));
    const int code = print_monitor(monitor, options);
    if (options.is_json) return code;
    return print_line("\nThe key is shown this once. Let the job do this when it is done:\n  " +
                      monitor["curl"].text());
}

int remove(const MonitorOptions& options) {
    Server server(options.address);
    const Json answer = server.remove(options.path());
    return options.is_json && !answer.is_absent() ? print_json(answer) : print_line("deleted");
}

int pause(const MonitorOptions& options) {
    Server server(options.address);
    const Json monitor = server.post(options.path("/pause"));
    return options.is_json ? print_json(monitor)
                           : print_line(monitor["name"].text() + " is paused: never late");
}

int resume(const MonitorOptions& options) {
    Server server(options.address);
    const Json monitor = server.post(options.path("/resume"));
    if (options.is_json) return print_json(monitor);
    const bool has_due = !monitor["due_at"].text().empty();
    return print_line(monitor["name"].text() + " goes on" +
                      (has_due ? ", due " + time_text(monitor["due_at"]) : ""));
}

/// With the monitor's own key, in --key.
int report(const MonitorOptions& options, const std::string& rest) {
    Server server(ServerAddress{options.address.url, ""});
    const HttpAnswer answer = server.call("POST", "/notify/" + encode_url(options.monitor) + rest, "",
                                          {"x-api-key: " + options.address.key});
    if (!answer.is_success()) throw std::runtime_error(server.complaint(answer));
    return kSuccess;
}

int flips(const MonitorOptions& options) {
    Server server(options.address);
    const auto found = all_pages(server, options.path("/flips"), "flips");
    if (options.is_json) return print_elements(found);
    Table table({{"AT"}, {"FROM"}, {"TO"}, {"REASON"}});
    for (const Json& flip : found) {
        table.add({time_text(flip["at"]), flip["from"].text(), flip["to"].text(), flip["reason"].text()});
    }
    return print_table(table, "It has never changed.");
}

/// A child of `monitors` that takes the monitor's id.
Subcommand& add_action(Subcommand& monitors, const std::string& name, const std::string& sentence,
                       int (*action)(const MonitorOptions&)) {
    const auto options = std::make_shared<MonitorOptions>();
    Subcommand& command = monitors.add(name, sentence);
    command.argument("MONITOR", text(options->monitor, "MONITOR"), "Its id");
    command.options().add("json", flag(options->is_json), "Print the server's answer");
    add_server_options(command, options->address);
    return command.run([options, action] { return action(*options); });
}

void add_create(Subcommand& monitors) {
    const auto options = std::make_shared<MonitorOptions>();
    Subcommand& command = monitors.add("create", "Watch something that must check in");
    command.argument("NAME", text(options->name, "NAME"), "What it is called");
    command.options()
        .add("every", text(options->interval, "INTERVAL"),
             "How often it must check in, such as 4hours or 1day")
        .add("threshold", number(options->threshold, 0, 1000), "How many check-ins it may miss")
        .add("description", text(options->description, "TEXT"), "For whoever is told")
        .add("mail", texts(options->mails, "ADDRESS"), "Tell this address; repeatable")
        .add("webhook", texts(options->webhooks, "URL"), "Tell this address; repeatable")
        .add("json", flag(options->is_json), "Print the server's answer");
    add_server_options(command, options->address);
    command
        .examples(
            {"headwater monitors create 'nightly backup' --every 1day --threshold 1 --mail ops@example.org"})
        .check([options](auto& mistakes) {
            if (options->interval.empty())
                mistakes.emplace_back("--every is missing: how often must it check in?");
        })
        .run([options] { return create(*options); });
}

}  // namespace

void add_monitors(Subcommand& root) {
    const auto options = std::make_shared<MonitorOptions>();
    Subcommand& monitors = root.add("monitors", "List check-in monitors, make them, check in");
    monitors.options().add("json", flag(options->is_json), "One JSON object a line");
    add_server_options(monitors, options->address);
    monitors
        .examples({"headwater monitors",
                   "headwater monitors create 'nightly backup' --every 1day --mail ops@example.org",
                   "headwater monitors check-in 1 --key hwm_…", "headwater monitors flips 1"})
        .run([options] { return list(*options); });
    add_create(monitors);
    add_action(monitors, "show", "Everything about one monitor", show);
    add_action(monitors, "delete", "Watch it no longer", remove);
    add_action(monitors, "pause", "Stop the clock: it is never late", pause);
    add_action(monitors, "resume", "Start the clock again, with a whole period", resume);
    add_action(monitors, "flips", "When it changed between Ok and Dead", flips);
    add_action(monitors, "check-in", "Report that the job has run; --key is the monitor's own",
               [](const MonitorOptions& given) { return report(given, ""); });
    add_action(monitors, "fail", "Report that the job has failed; --key is the monitor's own",
               [](const MonitorOptions& given) { return report(given, "/fail"); });
}

}  // namespace headwater::cli
