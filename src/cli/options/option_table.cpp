#include "cli/options/option_table.hpp"

#include <algorithm>
#include <cctype>

namespace headwater::cli {

std::string OptionDefinition::variable() const {
    if (sources == Sources::arguments_only) return "";
    std::string made = "HEADWATER_" + name;
    std::ranges::transform(made, made.begin(), [](unsigned char c) {
        return c == '-' ? '_' : static_cast<char>(std::toupper(c));
    });
    return made;
}

std::string OptionDefinition::description() const {
    std::string made = sentence;
    if (!kind.range.empty()) made += "; " + kind.range;
    if (!kind.fallback.empty()) made += " [" + kind.fallback + "]";
    return made;
}

OptionTable& OptionTable::group(std::string name) {
    group_ = std::move(name);
    return *this;
}

OptionTable& OptionTable::from(Sources sources) {
    sources_ = sources;
    return *this;
}

OptionTable& OptionTable::add(std::string name, OptionKind kind, std::string sentence) {
    definitions_.push_back({std::move(name), std::move(sentence), std::move(kind), group_, sources_});
    return *this;
}

const OptionDefinition* OptionTable::find(std::string_view name) const {
    const auto found = std::ranges::find(definitions_, name, &OptionDefinition::name);
    return found == definitions_.end() ? nullptr : &*found;
}

std::vector<std::string> OptionTable::names() const {
    std::vector<std::string> names;
    for (const OptionDefinition& definition : definitions_) names.push_back(definition.name);
    return names;
}

}  // namespace headwater::cli
