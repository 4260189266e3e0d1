#include "cli/options/closest_name.hpp"

#include <algorithm>
#include <numeric>

namespace headwater::cli {
namespace {

/// Levenshtein's distance.
std::size_t edits_between(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string> closest_name(std::string_view given, const std::vector<std::string>& names) {
    std::optional<std::string> closest;
    std::size_t fewest = given.size() / 3 + 1;
    for (const std::string& name : names) {
        const std::size_t edits = edits_between(given, name);
        if (edits < fewest) {
            fewest = edits;
            closest = name;
        }
    }
    return closest;
}

std::string suggestion(std::string_view given, const std::vector<std::string>& names,
                       std::string_view prefix) {
    const auto closest = closest_name(given, names);
    return closest ? "; did you mean " + std::string(prefix) + *closest + "?" : "";
}

}  // namespace headwater::cli
