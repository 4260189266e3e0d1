#include "cli/documents/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

bool is_number(const std::string& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A value that the option takes, or the shape of one.
std::string value_of(const OptionKind& kind) {
    if (kind.is_flag()) return "false";
    if (is_number(kind.fallback)) return kind.fallback;
    const std::string text = to_json_string(kind.fallback);  // a basic string of TOML, too
    return kind.is_repeatable ? "[]" : text;
}

}  // namespace

std::string example_config(const OptionTable& table) {
    std::string text =
        "# Options of the Headwater server. Each is also a variable (HEADWATER_LISTEN) and an option on the "
        "command\n"
        "# line (--listen), which are stronger. Check changes with: headwater serve --check-config --config "
        "FILE\n";
    std::string group;
    for (const OptionDefinition& option : table.definitions()) {
        if (option.sources != Sources::variable_and_file) continue;
        if (option.group != group) text += fmt::format("\n## {}\n", option.group);
        group = option.group;
        text += fmt::format("\n# {}.{}\n", option.sentence,
                            option.kind.range.empty() ? "" : " (" + option.kind.range + ")");
        text += fmt::format("#{} = {}\n", option.name, value_of(option.kind));
    }
    return text;
}

}  // namespace headwater::cli
