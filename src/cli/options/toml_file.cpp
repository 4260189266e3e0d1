#include "cli/options/toml_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace headwater::cli {
namespace {

std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    return std::nullopt;
}

std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
    const toml::array* array = node.as_array();
    if (array == nullptr) {
        const auto text = text_of(node);
        return text ? std::optional(std::vector{*text}) : std::nullopt;
    }
    std::vector<std::string> texts;
    for (const toml::node& element : *array) {
        auto text = text_of(element);
        if (!text) return std::nullopt;
        texts.push_back(std::move(*text));
    }
    return texts;
}

void read_table(const toml::table& table, const std::string& file, TomlFile& read) {
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const std::size_t line = key.source().begin.line;
        if (auto texts = texts_of(node)) {
            read.keys.push_back({name, line, std::move(*texts)});
        } else if (node.is_table()) {
            read.mistakes.push_back(fmt::format("{}, line {}: there is no section [{}]", file, line, name));
        } else {
            read.mistakes.push_back(
                fmt::format("{}, line {}: {}: expected a text, a whole number, true or false, or a list",
                            file, line, name));
        }
    }
}

}  // namespace

TomlFile read_toml_file(const std::filesystem::path& file) {
    TomlFile read;
    std::ifstream stream(file);
    std::stringstream content;
    if (!stream || !(content << stream.rdbuf() || stream.eof())) {
        read.mistakes.push_back(
            fmt::format("--config: {} cannot be read: {}", file.string(), std::strerror(errno)));
        return read;
    }
    const toml::parse_result parsed = toml::parse(content.str());
    if (!parsed) {
        read.mistakes.push_back(fmt::format("{}, line {}: {}", file.string(),
                                            parsed.error().source().begin.line,
                                            parsed.error().description()));
        return read;
    }
    read_table(parsed.table(), file.string(), read);
    return read;
}

}  // namespace headwater::cli
