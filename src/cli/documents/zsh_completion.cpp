#include <fmt/format.h>

#include <algorithm>

#include "cli/documents/completions.hpp"

namespace headwater::cli {
namespace {

/// Within '…' and an option's [explanation].
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
            continue;
        }
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string function_name(const std::string& path) {
    std::string name = "_headwater" + path;
    std::ranges::replace(name, '/', '_');
    std::ranges::replace(name, '-', '_');
    return name;
}

std::string action_for(const OptionKind& kind) {
    if (kind.value == "FILE" || kind.value == "PATH") return "_files";
    if (kind.names.empty()) return "";
    std::string names;
    for (const std::string& name : kind.names) names += (names.empty() ? "" : " ") + name;
    return "(" + names + ")";
}

std::string option_lines(const Subcommand& command) {
    std::string lines = " \\\n        '--help[Print help]'";
    for (const OptionDefinition& option : command.options().definitions()) {
        const std::string repeat = option.kind.is_repeatable ? "*" : "";
        const std::string value = option.kind.is_flag() ? ""
                                                        : fmt::format(":{}:{}", escaped(option.kind.value),
                                                                      action_for(option.kind));
        lines +=
            fmt::format(" \\\n        '{}--{}[{}]{}'", repeat, option.name, escaped(option.sentence), value);
    }
    if (command.is_configurable())
        lines += " \\\n        '--config[Read options from this file]:PATH:_files'";
    return lines;
}

void append_functions(const Subcommand& command, const std::string& path, std::string& out) {
    for (const auto& child : command.children()) append_functions(*child, path + "/" + child->name(), out);
    out += function_name(path) + "() {\n";
    if (command.children().empty()) {
        std::string arguments;
        for (const ArgumentDefinition& argument : command.arguments()) {
            if (argument.kind.names.empty()) continue;
            arguments += fmt::format(" \\\n        ':{}:{}'", argument.name, action_for(argument.kind));
        }
        out +=
            "    _arguments" + option_lines(command) + arguments + " \\\n        '*::argument:_default'\n}\n";
        return;
    }
    out += "    local -a commands=(\n";
    std::string cases;
    for (const auto& child : command.children()) {
        out += fmt::format("        '{}:{}'\n", child->name(), escaped(child->sentence()));
        cases += fmt::format("        {}) {} ;;\n", child->name(), function_name(path + "/" + child->name()));
    }
    out += "    )\n    local line state\n    _arguments -C" + option_lines(command) +
           " \\\n        '1: :->command' \\\n        '*:: :->rest'\n"
           "    case $state in\n        command) _describe command commands ;;\n"
           "        rest) case $line[1] in\n" +
           cases + "        esac ;;\n    esac\n}\n";
}

}  // namespace

std::string zsh_completion(const Subcommand& root) {
    std::string out =
        "#compdef headwater\n# zsh completion for headwater; made by `headwater completion zsh`.\n";
    append_functions(root, "", out);
    return out + "_headwater \"$@\"\n";
}

}  // namespace headwater::cli
