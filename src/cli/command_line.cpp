#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/options/closest_name.hpp"
#include "cli/options/option_reader.hpp"
#include "core/log.hpp"

namespace headwater::cli {
namespace {

constexpr const char* kConfig = "--config";

std::string footer_of(const Subcommand& command) {
    std::string text = command.explanation();
    if (command.example_lines().empty()) return text;
    text += text.empty() ? "Examples:" : "\n\nExamples:";
    for (const std::string& line : command.example_lines()) text += "\n  " + line;
    return text;
}

CLI::Option& add_valued(CLI::App& app, const std::string& name, const std::string& sentence,
                        const OptionKind& kind) {
    CLI::Option& option = *app.add_option(name, CLI::callback_t(), sentence);
    option.type_name(kind.value)->type_size(1)->expected(1);
    option.multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return option;
}

void add_option(CLI::App& app, const OptionDefinition& definition) {
    const std::string name = "--" + definition.name;
    if (!definition.kind.is_flag()) {
        add_valued(app, name, definition.description(), definition.kind).group(definition.group);
        return;
    }
    const std::string description = definition.description();
    app.add_flag(name, description)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group(definition.group);
}

void add_argument(CLI::App& app, const ArgumentDefinition& definition) {
    CLI::Option& option = add_valued(app, definition.name, definition.sentence, definition.kind);
    option.allow_extra_args(definition.kind.is_repeatable);
    option.type_name("");
}

/// Makes CLI11's tree out of ours; `command` must outlive it.
void fill(CLI::App& app, const Subcommand& command) {
    for (const ArgumentDefinition& argument : command.arguments()) add_argument(app, argument);
    for (const OptionDefinition& option : command.options().definitions()) add_option(app, option);
    if (command.is_configurable()) {
        add_valued(app, kConfig, "Read options from this TOML file, whose keys are the options' names",
                   OptionKind{"PATH", "", "", false, {}})
            .group("Other");
    }
    app.footer(footer_of(command));
    app.allow_extras(!command.is_group());
    if (command.is_group()) app.require_subcommand(1);
    for (const auto& child : command.children())
        fill(*app.add_subcommand(child->name(), child->sentence()), *child);
}

GivenTexts given_texts(const CLI::App& app, const OptionTable& table) {
    GivenTexts given;
    for (const OptionDefinition& definition : table.definitions()) {
        const CLI::Option* option = app.get_option("--" + definition.name);
        if (option->count() > 0) given[definition.name] = option->results();
    }
    return given;
}

void read_arguments(const CLI::App& app, const Subcommand& command, std::vector<std::string>& mistakes) {
    for (const ArgumentDefinition& argument : command.arguments()) {
        const CLI::Option* option = app.get_option(argument.name);
        if (option->count() == 0) {
            if (argument.is_required) mistakes.push_back(argument.name + " is missing: " + argument.sentence);
        } else if (auto complaint = argument.kind.read(option->results())) {
            mistakes.push_back(argument.name + ": " + *complaint);
        }
    }
}

std::vector<std::string> names_of(const std::vector<std::unique_ptr<Subcommand>>& commands) {
    std::vector<std::string> names;
    for (const auto& command : commands) names.push_back(command->name());
    return names;
}

/// Words that belong to no option and no argument; the value of an unknown option is not named as well.
void find_strangers(const CLI::App& app, const Subcommand& command, std::vector<std::string>& mistakes) {
    bool may_be_value = false;
    for (const std::string& word : app.remaining()) {
        const std::string name = word.substr(0, word.find('='));
        if (name.starts_with("-")) {
            const std::string bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
            mistakes.push_back(name + ": there is no such option" +
                               suggestion(bare, command.options().names(), "--"));
        } else if (!may_be_value) {
            mistakes.push_back("'" + word + "' is more than " + command.name() + " takes" +
                               suggestion(word, names_of(command.children())));
        }
        may_be_value = name.starts_with("-") && name == word;
    }
}

std::string config_file(const CLI::App& app, const Subcommand& command, const Environment& environment) {
    if (!command.is_configurable()) return "";
    const CLI::Option* option = app.get_option(kConfig);
    return option->count() > 0 ? option->results().back() : environment.find("HEADWATER_CONFIG").value_or("");
}

int start(const Subcommand& command) {
    try {
        return command.start();
    } catch (const std::exception& error) {
        std::cerr << "headwater: " << error.what() << "\n";
        return kFailure;
    }
}

int read_and_start(const CLI::App& app, const Subcommand& command) {
    const Environment environment = Environment::of_process();
    std::vector<std::string> mistakes;
    find_strangers(app, command, mistakes);
    read_arguments(app, command, mistakes);
    const OptionFindings findings = read_options(command.options(), given_texts(app, command.options()),
                                                 environment, config_file(app, command, environment));
    mistakes.insert(mistakes.end(), findings.mistakes.begin(), findings.mistakes.end());
    command.look_for_mistakes(mistakes);
    for (const std::string& warning : findings.warnings) log::warn("option.unknown", {{"reason", warning}});
    for (const std::string& mistake : mistakes) std::cerr << "headwater: " << mistake << "\n";
    return mistakes.empty() ? start(command) : kBadUsage;
}

const Subcommand& child_named(const Subcommand& command, const std::string& name) {
    for (const auto& child : command.children()) {
        if (child->name() == name) return *child;
    }
    return command;
}

}  // namespace

int run_command_line(const Subcommand& root, const std::string& version, int argc, const char* const* argv) {
    CLI::App app(root.sentence(), root.name());
    app.set_version_flag("--version", "headwater " + version, "Print the version");
    app.get_formatter()->column_width(38);
    fill(app, root);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error, std::cout, std::cerr) == 0 ? kSuccess : kBadUsage;
    }
    const CLI::App* chosen = &app;
    const Subcommand* command = &root;
    while (!chosen->get_subcommands().empty()) {
        chosen = chosen->get_subcommands().front();
        command = &child_named(*command, chosen->get_name());
    }
    return read_and_start(*chosen, *command);
}

}  // namespace headwater::cli
