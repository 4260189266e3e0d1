#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headwater::cli {

/// How the texts of one option become its value. `read` stores the value and returns nothing, or returns a
/// clause for the user, without the option's name ("'x' is not a whole number from 1 to 64").
struct OptionKind {
    std::string value;     ///< what stands behind the name in help, "ADDRESS:PORT"; "" = a flag
    std::string fallback;  ///< the default as help shows it; "" = none
    std::string range;     ///< as help shows it, "1 to 64"; "" = any
    bool is_repeatable = false;
    std::function<std::optional<std::string>(const std::vector<std::string>&)> read;
    std::vector<std::string> names = {};  ///< when it is one of a few, for completions

    [[nodiscard]] bool is_flag() const { return value.empty(); }
};

/// Checks one text; the error is a clause.
using CheckText = std::function<std::optional<std::string>(const std::string&)>;

/// The kinds. Each refers to where the value is kept, which also holds the default; that must outlive it.
[[nodiscard]] OptionKind text(std::string& target, std::string value, CheckText check = {});
/// Made absolute.
[[nodiscard]] OptionKind path(std::filesystem::path& target);
[[nodiscard]] OptionKind texts(std::vector<std::string>& target, std::string value, CheckText check = {});
[[nodiscard]] OptionKind choice(std::string& target, std::vector<std::string> allowed);
[[nodiscard]] OptionKind flag(bool& target);
[[nodiscard]] OptionKind number(std::size_t& target, std::int64_t least, std::int64_t most);
[[nodiscard]] OptionKind number(int& target, std::int64_t least, std::int64_t most);
/// A number, or one with a unit: 512k, 64MiB, 1GB; units are powers of 1,024.
[[nodiscard]] OptionKind byte_size(std::size_t& target, std::int64_t least, std::int64_t most);
/// `15` or `15s`.
[[nodiscard]] OptionKind seconds(std::chrono::seconds& target, int most);

/// http:// or https://; slashes at the end are cut off.
[[nodiscard]] OptionKind base_url(std::string& target);

/// "64MiB", "1000".
[[nodiscard]] std::string to_byte_text(std::int64_t bytes);
[[nodiscard]] std::expected<std::int64_t, std::string> parse_bytes(const std::string& text);

}  // namespace headwater::cli
