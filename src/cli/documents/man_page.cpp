#include "cli/documents/man_page.hpp"

#include <fmt/format.h>

namespace headwater::cli {
namespace {

/// As troff shows it: no macro, no escape, hyphens that can be copied.
std::string plain(const std::string& text) {
    std::string out;
    bool begins_line = true;
    for (const char c : text) {
        if (begins_line && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        begins_line = c == '\n';
    }
    return out;
}

std::string bold(const std::string& text) {
    return "\\fB" + plain(text) + "\\fR";
}

std::string italic(const std::string& text) {
    return "\\fI" + plain(text) + "\\fR";
}

void append_option(const OptionDefinition& option, std::string& page) {
    page += ".TP\n" + bold("--" + option.name);
    if (!option.kind.is_flag()) page += " " + italic(option.kind.value);
    page += "\n" + plain(option.description()) + ".\n";
    if (const std::string variable = option.variable(); !variable.empty()) {
        page += "Variable: " + bold(variable) + ".\n";
    }
}

void append_examples(const Subcommand& command, std::string& page) {
    if (command.example_lines().empty()) return;
    page += ".PP\n.nf\n.RS\n";
    for (const std::string& line : command.example_lines()) page += plain(line) + "\n";
    page += ".RE\n.fi\n";
}

std::string synopsis(const Subcommand& command, const std::string& path) {
    std::string line = bold(path);
    for (const ArgumentDefinition& argument : command.arguments()) {
        const std::string name = italic(argument.name) + (argument.kind.is_repeatable ? "..." : "");
        line += argument.is_required ? " " + name : " [" + name + "]";
    }
    return line + " [" + italic("options") + "]";
}

void append_command(const Subcommand& command, const std::string& path, std::string& page) {
    if (!command.is_group()) {
        page += ".SS \"" + plain(path) + "\"\n" + synopsis(command, path) + "\n.PP\n" +
                plain(command.sentence()) + ".\n";
        if (!command.explanation().empty()) page += ".PP\n" + plain(command.explanation()) + "\n";
        for (const ArgumentDefinition& argument : command.arguments()) {
            page += ".TP\n" + italic(argument.name) + "\n" + plain(argument.sentence) + ".\n";
        }
        for (const OptionDefinition& option : command.options().definitions()) append_option(option, page);
        if (command.is_configurable()) {
            page += ".TP\n" + bold("--config") + " " + italic("PATH") +
                    "\nRead options from this TOML file, whose keys are the options' names.\nVariable: " +
                    bold("HEADWATER_CONFIG") + ".\n";
        }
        append_examples(command, page);
    }
    for (const auto& child : command.children()) append_command(*child, path + " " + child->name(), page);
}

}  // namespace

std::string man_page(const Subcommand& root, const std::string& version) {
    std::string page = fmt::format(".TH HEADWATER 1 \"\" \"headwater {}\" \"User Commands\"\n", version);
    page += ".SH NAME\nheadwater \\- event\\-source server, and the commands that speak to it\n";
    page += ".SH SYNOPSIS\n" + bold("headwater") + " " + italic("command") + " [" + italic("options") + "]\n";
    page += ".SH DESCRIPTION\n" + plain(root.sentence()) + "\n";
    page += ".SH COMMANDS\n";
    for (const auto& child : root.children()) append_command(*child, "headwater " + child->name(), page);
    page +=
        ".SH EXIT STATUS\n0 when it worked, 1 when it was understood and did not work, 2 for wrong usage.\n";
    page += ".SH FILES\n.TP\n.I /etc/headwater/headwater.toml\nThe options of the packaged service.\n";
    page +=
        ".TP\n.I /var/lib/headwater\nThe private PostgreSQL, when root or the packaged service runs the "
        "server.\n";
    return page;
}

}  // namespace headwater::cli
