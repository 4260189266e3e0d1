#include <memory>

#include "app/commands/commands.hpp"
#include "app/keys/key_commands.hpp"
#include "app/options.hpp"

namespace headwater::app {
namespace {

struct KeyOptions {
    KeyPlace place{.database_url = {}, .data_dir = default_data_dir()};
    KeyTexts texts;
    std::string key;
    std::string grace;
    bool is_json = false;

    [[nodiscard]] KeyOutput output() const { return is_json ? KeyOutput::json : KeyOutput::text; }
};
using Options = std::shared_ptr<KeyOptions>;

/// A command of `keys`, with the options that say where the keys are.
cli::Subcommand& add(cli::Subcommand& keys, const Options& options, const char* name, const char* sentence) {
    cli::Subcommand& command = keys.add(name, sentence);
    command.options()
        .group("Where the keys are")
        .from(cli::Sources::variable)
        .add("data-dir", cli::path(options->place.data_dir), "Folder of the private PostgreSQL")
        .add("database-url", cli::text(options->place.database_url, "URL"), "Use this PostgreSQL instead")
        .group("Options")
        .from(cli::Sources::arguments_only);
    return command;
}

void add_create(cli::Subcommand& keys, const Options& options) {
    cli::Subcommand& create = add(keys, options, "create", "Make a key and print its secret, once");
    KeyTexts& texts = options->texts;
    create.options()
        .add("name", cli::text(texts.name, "NAME"), "What it is called")
        .add("scope", cli::texts(texts.scopes, "SCOPE"),
             "send, read, ack, register, rooms, monitors or admin, repeatable; read=campaign:* is for these "
             "types only")
        .add("types", cli::text(texts.types, "FILTERS"), "Types of the scopes that name none [all]")
        .add("rate", cli::text(texts.rate, "RATE"),
             "Requests that it may make, such as 1000/s [the server's]")
        .add("expires", cli::text(texts.expires, "TIME"), "90days, or 2030-01-31T00:00:00Z [never]")
        .add("json", cli::flag(options->is_json), "Print JSON");
    create
        .explain(
            "From the first key on every request needs one. Standard output gets the secret and nothing "
            "else.")
        .examples({"headwater keys create --name shop --scope send --types 'shop:**' --expires 1year",
                   "headwater keys create --name reports --scope 'read=shop:**' --scope ack --rate 100/s",
                   "KEY=$(headwater keys create --name operator --scope admin)"})
        .run([options] { return create_key(options->place, options->texts, options->output()); });
}

void add_list(cli::Subcommand& keys, const Options& options) {
    cli::Subcommand& list = add(keys, options, "list", "List all keys");
    list.options().add("json", cli::flag(options->is_json), "Print JSON");
    list.run([options] { return list_keys(options->place, options->output()); });
}

void add_revoke(cli::Subcommand& keys, const Options& options) {
    cli::Subcommand& revoke =
        add(keys, options, "revoke", "End a key, and within 5 s the connections that it opened");
    revoke.argument("KEY", cli::text(options->key, "KEY"), "Its name or id");
    revoke.options().add("json", cli::flag(options->is_json), "Print JSON");
    revoke.run([options] { return revoke_key(options->place, options->key, options->output()); });
}

void add_rotate(cli::Subcommand& keys, const Options& options) {
    cli::Subcommand& rotate = add(keys, options, "rotate", "Give a key another secret and print that, once");
    rotate.argument("KEY", cli::text(options->key, "KEY"), "Its name or id");
    rotate.options()
        .add("grace", cli::text(options->grace, "TIME"),
             "How long the old secret stays good, such as 1hour [not at all]")
        .add("json", cli::flag(options->is_json), "Print JSON");
    rotate.run(
        [options] { return rotate_key(options->place, options->key, options->grace, options->output()); });
}

}  // namespace

void add_keys(cli::Subcommand& root) {
    const auto options = std::make_shared<KeyOptions>();
    cli::Subcommand& keys = root.add("keys", "Make, list, rotate and revoke keys");
    keys.explain(
        "Works on the database itself, whether a server runs on it or not; all nodes hear of a change at "
        "once.");
    add_create(keys, options);
    add_list(keys, options);
    add_rotate(keys, options);
    add_revoke(keys, options);
    add(keys, options, "disable", "Need no keys any more: everybody may do everything").run([options] {
        return disable_keys(options->place);
    });
}

}  // namespace headwater::app
