#include "postgres/installation.hpp"

#include <charconv>

namespace headwater::postgres {

std::optional<Installation> Installation::of_version(const std::filesystem::path& root, int version) {
    Installation found(root / std::to_string(version) / "bin", version);
    std::error_code ignored;
    const bool is_complete = std::filesystem::exists(found.program("postgres"), ignored) &&
                             std::filesystem::exists(found.program("initdb"), ignored);
    return is_complete ? std::optional(found) : std::nullopt;
}

std::optional<Installation> Installation::newest(const std::filesystem::path& root) {
    std::optional<Installation> best;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(root, ignored)) {
        const std::string name = entry.path().filename().string();
        int version = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
        if (error != std::errc() || end != name.data() + name.size()) {
            continue;
        }
        const auto found = of_version(root, version);
        if (found && (!best || best->version() < version)) {
            best = found;
        }
    }
    return best;
}

}  // namespace headwater::postgres
