#include "cli/options/option_reader.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cli/options/closest_name.hpp"
#include "cli/options/toml_file.hpp"

namespace headwater::cli {
namespace {

/// Variables of the client's commands and of the configuration file itself.
constexpr std::string_view kOtherVariables[] = {"HEADWATER_CONFIG", "HEADWATER_URL", "HEADWATER_KEY"};

/// Where an option's texts were found, as a mistake names it.
struct Found {
    std::string place;
    std::vector<std::string> texts;
};

using Values = std::map<std::string, Found, std::less<>>;

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

bool is_key(const OptionTable& table, const std::string& name) {
    const OptionDefinition* definition = table.find(name);
    return definition != nullptr && definition->sources == Sources::variable_and_file;
}

void read_file(const std::string& file, const OptionTable& table, Values& values,
               std::vector<std::string>& mistakes) {
    TomlFile read = read_toml_file(file);
    mistakes.insert(mistakes.end(), read.mistakes.begin(), read.mistakes.end());
    for (TomlKey& key : read.keys) {
        const std::string place = fmt::format("{}, line {}: {}", file, key.line, key.name);
        if (!is_key(table, key.name)) {
            mistakes.push_back(place + ": there is no such option" + suggestion(key.name, table.names()));
        } else if (!key.texts.empty()) {
            values[key.name] = {place, std::move(key.texts)};
        }
    }
}

void read_variables(const Environment& environment, const OptionTable& table, Values& values) {
    for (const OptionDefinition& definition : table.definitions()) {
        const auto value = environment.find(definition.variable());
        if (!value) continue;
        values[definition.name] = {definition.variable(), definition.kind.is_repeatable
                                                              ? words_of(*value)
                                                              : std::vector<std::string>{*value}};
    }
}

void store(const OptionTable& table, const Values& values, std::vector<std::string>& mistakes) {
    for (const OptionDefinition& definition : table.definitions()) {
        const auto found = values.find(definition.name);
        if (found == values.end() || found->second.texts.empty()) continue;
        const auto& [place, texts] = found->second;
        if (texts.size() > 1 && !definition.kind.is_repeatable) {
            mistakes.push_back(fmt::format("{}: takes one value, and was given {}", place, texts.size()));
        } else if (auto complaint = definition.kind.read(texts)) {
            mistakes.push_back(place + ": " + *complaint);
        }
    }
}

bool reads_variables(const OptionTable& table) {
    return std::ranges::any_of(table.definitions(), [](const OptionDefinition& definition) {
        return definition.sources == Sources::variable_and_file;
    });
}

std::vector<std::string> unknown_variables(const OptionTable& table, const Environment& environment) {
    std::vector<std::string> known(std::begin(kOtherVariables), std::end(kOtherVariables));
    for (const OptionDefinition& definition : table.definitions()) known.push_back(definition.variable());
    std::vector<std::string> warnings;
    for (const auto& [name, value] : environment.variables) {
        if (!name.starts_with("HEADWATER_") || std::ranges::find(known, name) != known.end()) continue;
        warnings.push_back(name + ": there is no such variable" + suggestion(name, known));
    }
    return warnings;
}

}  // namespace

Environment Environment::of_process() {
    Environment made;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string entry = *variable;
        const std::size_t equals = std::min(entry.find('='), entry.size() - 1);
        made.variables[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    return made;
}

std::optional<std::string> Environment::find(const std::string& name) const {
    const auto found = variables.find(name);
    if (name.empty() || found == variables.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

OptionFindings read_options(const OptionTable& table, const GivenTexts& given, const Environment& environment,
                            const std::string& file) {
    OptionFindings findings;
    Values values;
    if (!file.empty()) read_file(file, table, values, findings.mistakes);
    read_variables(environment, table, values);
    for (const auto& [name, texts] : given) values[name] = {"--" + name, texts};
    store(table, values, findings.mistakes);
    if (reads_variables(table)) findings.warnings = unknown_variables(table, environment);
    return findings;
}

}  // namespace headwater::cli
