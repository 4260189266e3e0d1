#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <stdexcept>

#include "cli/commands.hpp"
#include "cli/http/server.hpp"
#include "cli/paged.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/types/type_difference.hpp"
#include "cli/types/type_file.hpp"
#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

struct RegisterOptions {
    ServerAddress address;
    std::string type;
    std::string ttl;
    std::vector<std::string> webhooks;
    std::string file;
    bool is_confirmed = false;
    bool is_dry = false;
    bool is_json = false;
};

std::string path_of(const std::string& type) {
    return "/api/events/register/" + encode_url(type);
}

/// The stored registration with its streams' lag; absent when there is none.
Json stored(Server& server, const std::string& type) {
    const HttpAnswer answer = server.call("GET", path_of(type));
    if (answer.status == 404) return {};
    if (!answer.is_success()) throw std::runtime_error(server.complaint(answer));
    return Json::parse(answer.body).value_or(Json());
}

/// The one type that the arguments describe.
Json definition_of(const RegisterOptions& options) {
    std::string text = "{\"type\":" + to_json_string(options.type);
    if (!options.ttl.empty()) text += ",\"ttl\":" + to_json_string(options.ttl);
    std::string streams;
    for (const std::string& uri : options.webhooks) {
        streams +=
            (streams.empty() ? "" : ",") + ("{\"source\":\"webhook\",\"uri\":" + to_json_string(uri) + "}");
    }
    if (!streams.empty()) text += ",\"streams\":[" + streams + "]";
    return Json::parse(text + "}").value_or(Json());
}

std::string painted(const Paint& paint, const std::string& line) {
    if (line.starts_with('+')) return paint.green(line);
    if (line.starts_with('-')) return paint.red(line);
    return paint.yellow(line);
}

std::string_view word_for(TypeDifference::Kind kind) {
    switch (kind) {
        case TypeDifference::Kind::added:
            return "new";
        case TypeDifference::Kind::changed:
            return "changed";
        case TypeDifference::Kind::unchanged:
            return "unchanged";
    }
    return "";
}

std::string json_of(const TypeDifference& difference) {
    std::string lines;
    for (const std::string& line : difference.lines)
        lines += (lines.empty() ? "" : ",") + to_json_string(line);
    return fmt::format("{{\"type\":{},\"difference\":\"{}\",\"lines\":[{}]}}",
                       to_json_string(difference.type), word_for(difference.kind), lines);
}

void print(const std::vector<TypeDifference>& differences) {
    const Paint paint = Paint::for_output();
    for (const TypeDifference& difference : differences) {
        std::string text =
            fmt::format("{} {}\n", paint.bold(printable(difference.type)), word_for(difference.kind));
        for (const std::string& line : difference.lines)
            text += "  " + painted(paint, printable(line)) + "\n";
        (void)write_output(text);
    }
}

/// Registers what has changed; prints secrets, which are shown only now. Goes on behind a refused one.
int apply(Server& server, const std::vector<Json>& definitions,
          const std::vector<TypeDifference>& differences, const RegisterOptions& options) {
    int code = kSuccess;
    for (std::size_t i = 0; i < definitions.size(); ++i) {
        if (differences[i].kind == TypeDifference::Kind::unchanged) continue;
        const HttpAnswer answer = server.call("PUT", "/api/events/register", definitions[i].bytes(),
                                              {"Content-Type: application/json"});
        if (!answer.is_success()) {
            std::cerr << fmt::format("headwater: {}: {}\n", differences[i].type, server.complaint(answer));
            code = kFailure;
            continue;
        }
        const Json registration = Json::parse(answer.body).value_or(Json());
        if (options.is_json) {
            (void)print_json(registration);
            continue;
        }
        (void)print_line("registered " + printable(differences[i].type));
        for (const Json& stream : registration["streams"].elements()) {
            if (stream["secret"].is_absent()) continue;
            (void)print_line(fmt::format("  secret of stream {}, shown this once: {}", stream["name"].text(),
                                         stream["secret"].text()));
        }
    }
    return code;
}

std::string question_for(const std::vector<TypeDifference>& differences) {
    std::size_t changes = 0;
    bool removes_streams = false;
    for (const TypeDifference& difference : differences) {
        changes += difference.kind == TypeDifference::Kind::unchanged ? 0 : 1;
        removes_streams = removes_streams || difference.removes_streams;
    }
    return fmt::format("Register {} type{}{}?", changes, changes == 1 ? "" : "s",
                       removes_streams ? ", and remove streams with what waits for them" : "");
}

int register_all(Server& server, const std::vector<Json>& definitions, const RegisterOptions& options) {
    std::vector<TypeDifference> differences;
    bool is_unchanged = true;
    for (const Json& definition : definitions) {
        differences.push_back(difference_between(definition, stored(server, definition["type"].text())));
        is_unchanged = is_unchanged && differences.back().kind == TypeDifference::Kind::unchanged;
    }
    if (!options.is_json) print(differences);
    if (options.is_dry && options.is_json) {
        for (const TypeDifference& difference : differences) (void)print_line(json_of(difference));
    }
    if (is_unchanged || options.is_dry) return kSuccess;
    if (!options.is_confirmed) {
        if (!is_terminal(STDIN_FILENO) || options.file == "-") {
            std::cerr << "headwater: nothing was registered: say --yes, since there is nobody to ask here\n";
            return kBadUsage;
        }
        if (!confirm(question_for(differences))) {
            std::cerr << "nothing was registered\n";
            return kFailure;
        }
    }
    return apply(server, definitions, differences, options);
}

int run(const RegisterOptions& options) {
    Server server(options.address);
    if (!options.type.empty()) {
        RegisterOptions one = options;
        one.is_confirmed = true;  // it was typed just now
        return register_all(server, {definition_of(options)}, one);
    }
    const auto definitions = read_type_file(options.file);
    if (!definitions) {
        std::cerr << "headwater: " << definitions.error() << "\n";
        return kBadUsage;
    }
    return register_all(server, *definitions, options);
}

int list(const RegisterOptions& options) {
    Server server(options.address);
    const auto types = all_pages(server, "/api/events/register", "types");
    if (options.is_json) return print_elements(types);
    Table table({{"TYPE"}, {"TTL"}, {"STREAMS"}});
    for (const Json& type : types) {
        std::string streams;
        for (const Json& stream : type["streams"].elements()) {
            streams += (streams.empty() ? "" : ", ") + stream["name"].text();
        }
        table.add({printable(type["type"].text()), type["ttl"].text(), printable(streams)});
    }
    return print_table(table, "No type is registered.");
}

int show(const RegisterOptions& options) {
    Server server(options.address);
    return print_json(server.get(path_of(options.type)));
}

int remove(const RegisterOptions& options) {
    Server server(options.address);
    if (!options.is_confirmed) {
        if (!is_terminal(STDIN_FILENO)) {
            std::cerr << "headwater: nothing was removed: say --yes, since there is nobody to ask here\n";
            return kBadUsage;
        }
        if (!confirm("Remove the type " + printable(options.type) + " and its streams?")) return kFailure;
    }
    const Json answer = server.remove(path_of(options.type));
    return options.is_json ? print_json(answer) : print_line("removed; its events stay until their ttl");
}

void add_children(Subcommand& command) {
    const auto add = [&command](const char* name, const char* sentence, int (*action)(const RegisterOptions&),
                                bool takes_type) -> std::pair<Subcommand&, std::shared_ptr<RegisterOptions>> {
        const auto options = std::make_shared<RegisterOptions>();
        Subcommand& child = command.add(name, sentence);
        if (takes_type) child.argument("TYPE", text(options->type, "TYPE"), "The type's name");
        child.options().add("json", flag(options->is_json), "Print JSON");
        add_server_options(child, options->address);
        child.run([options, action] { return action(*options); });
        return {child, options};
    };
    add("list", "List all types", list, false);
    add("show", "One registration, as JSON", show, true);
    const auto [removal, options] = add("delete", "Remove a type and its streams", remove, true);
    removal.options().add("yes", flag(options->is_confirmed), "Do not ask");
}

}  // namespace

void add_register(Subcommand& root) {
    const auto options = std::make_shared<RegisterOptions>();
    Subcommand& command = root.add("register", "Register event types: show what would change, then do it");
    command.optional_argument("TYPE", text(options->type, "TYPE"), "One type, by its name");
    command.options()
        .add("ttl", text(options->ttl, "TTL"), "Of that one: permanent, ephemeral, 24days, 6months, …")
        .add("webhook", texts(options->webhooks, "URL"), "Of that one: deliver its events there; repeatable")
        .add("file", text(options->file, "FILE"),
             "A file of types: a JSON object, an array, or one a line; - is standard input")
        .add("dry-run", flag(options->is_dry), "Only show what would change")
        .add("yes", flag(options->is_confirmed), "Do not ask")
        .add("json", flag(options->is_json), "Print the registrations as JSON");
    add_server_options(command, options->address);
    command
        .explain(
            "A definition is what PUT /api/events/register takes. What it leaves out stays: without "
            "\"streams\" all "
            "streams are kept, with [] all are removed. Registering the same again changes nothing, so a "
            "file of types "
            "can be applied at every deployment.")
        .examples({"headwater register financial:end-budget --ttl 24days --webhook https://example.org/hook",
                   "headwater register --file types.json --dry-run",
                   "headwater register --file types.json --yes", "headwater register list"})
        .check([options](auto& mistakes) {
            if (options->type.empty() == options->file.empty()) {
                mistakes.emplace_back("what is to be registered? a TYPE, or --file FILE");
            }
        })
        .run([options] { return run(*options); });
    add_children(command);
}

}  // namespace headwater::cli
