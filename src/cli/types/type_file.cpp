#include "cli/types/type_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

std::optional<std::string> content_of(const std::string& file) {
    std::stringstream content;
    if (file == "-") {
        content << std::cin.rdbuf();
        return content.str();
    }
    std::ifstream stream(file);
    if (!stream || !(content << stream.rdbuf())) return std::nullopt;
    return content.str();
}

/// An object a line, or nothing when it is something else.
std::optional<std::vector<Json>> read_lines(const std::string& content) {
    std::vector<Json> types;
    std::istringstream lines(content);
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        auto type = Json::parse(line);
        if (!type) return std::nullopt;
        types.push_back(*type);
    }
    return types;
}

}  // namespace

std::expected<std::vector<Json>, std::string> read_type_file(const std::string& file) {
    const auto content = content_of(file);
    if (!content) return std::unexpected(fmt::format("{} cannot be read: {}", file, std::strerror(errno)));
    std::vector<Json> types;
    if (const auto whole = Json::parse(*content)) {
        types = whole->is_array() ? whole->elements() : std::vector{*whole};
    } else if (auto lines = read_lines(*content)) {
        types = std::move(*lines);
    } else {
        return std::unexpected(file + ": " + check_json(*content).error());
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (!types[i].is_object() || !types[i]["type"].is_string()) {
            return std::unexpected(
                fmt::format("{}: definition {} is no object with a \"type\", such as {{\"type\": \"a:b\", "
                            "\"ttl\": \"24days\"}}",
                            file, i + 1));
        }
    }
    return types;
}

}  // namespace headwater::cli
