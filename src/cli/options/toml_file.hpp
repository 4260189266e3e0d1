#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace headwater::cli {

/// One key of a configuration file, its value as an option's texts.
struct TomlKey {
    std::string name;
    std::size_t line = 0;
    std::vector<std::string> texts;
};

/// What a configuration file says, and everything in it that is not understood.
struct TomlFile {
    std::vector<TomlKey> keys;
    std::vector<std::string> mistakes;
};

/// Reads a TOML file of `key = value` pairs: texts, whole numbers, booleans and arrays of them. A file that
/// cannot be read or is no TOML is a mistake too.
[[nodiscard]] TomlFile read_toml_file(const std::filesystem::path& file);

}  // namespace headwater::cli
