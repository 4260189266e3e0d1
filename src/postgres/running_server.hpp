#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace headwater::postgres {

/// The url of the private PostgreSQL of a data directory, if another headwater has the directory and its
/// PostgreSQL runs; nothing when nobody has it. Throws std::runtime_error with one sentence when it is in use
/// and its PostgreSQL cannot be found.
[[nodiscard]] std::optional<std::string> url_of_running_server(const std::filesystem::path& data_dir);

}  // namespace headwater::postgres
