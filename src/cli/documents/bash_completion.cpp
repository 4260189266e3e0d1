#include <fmt/format.h>

#include "cli/documents/completions.hpp"

namespace headwater::cli {
namespace {

std::string options_of(const Subcommand& command) {
    std::string words = "--help";
    for (const OptionDefinition& option : command.options().definitions()) words += " --" + option.name;
    if (command.is_configurable()) words += " --config";
    return words;
}

/// Its subcommands, and what an argument may be.
std::string children_of(const Subcommand& command) {
    std::string words;
    const auto add = [&words](const std::string& word) { words += (words.empty() ? "" : " ") + word; };
    for (const auto& child : command.children()) add(child->name());
    for (const ArgumentDefinition& argument : command.arguments()) {
        for (const std::string& name : argument.kind.names) add(name);
    }
    return words;
}

/// Two tables by the path of the subcommand: what may follow, and its options.
void append_tables(const Subcommand& command, const std::string& path, std::string& children,
                   std::string& options) {
    children += fmt::format("        '{}') words='{}' ;;\n", path, children_of(command));
    options += fmt::format("        '{}') words='{}' ;;\n", path, options_of(command));
    for (const auto& child : command.children()) {
        append_tables(*child, path + "/" + child->name(), children, options);
    }
}

/// What may stand behind an option: names, or files.
void append_values(const Subcommand& command, const std::string& path, std::string& values) {
    for (const OptionDefinition& option : command.options().definitions()) {
        if (option.kind.is_flag()) continue;
        const std::string& value = option.kind.value;
        const bool is_file = value == "FILE" || value == "PATH";
        std::string names;
        for (const std::string& name : option.kind.names) names += (names.empty() ? "" : " ") + name;
        values += fmt::format("        '{} --{}') {} ;;\n", path, option.name,
                              is_file          ? "COMPREPLY=($(compgen -f -- \"$current\")); return"
                              : !names.empty() ? fmt::format("words='{}'", names)
                                               : "return");
    }
    if (command.is_configurable()) {
        values += fmt::format("        '{} --config') COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n",
                              path);
    }
    for (const auto& child : command.children()) append_values(*child, path + "/" + child->name(), values);
}

}  // namespace

std::string bash_completion(const Subcommand& root) {
    std::string children;
    std::string options;
    std::string values;
    append_tables(root, "", children, options);
    append_values(root, "", values);
    return "# bash completion for headwater; made by `headwater completion bash`.\n"
           "_headwater() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path='' "
           "words='' i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        words=''\n"
           "        case $path in\n" +
           children +
           "        esac\n"
           "        [[ \" $words \" == *\" ${COMP_WORDS[i]} \"* ]] && path+=/${COMP_WORDS[i]}\n"
           "    done\n"
           "    words=''\n"
           "    case \"$path $previous\" in\n" +
           values +
           "    esac\n"
           "    if [[ -z $words && $current == -* ]]; then\n"
           "        case $path in\n" +
           options +
           "        esac\n"
           "    elif [[ -z $words ]]; then\n"
           "        case $path in\n" +
           children +
           "        esac\n"
           "    fi\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -F _headwater headwater\n";
}

}  // namespace headwater::cli
