#pragma once

#include <filesystem>

namespace headwater::testing {

/// Where the running test binary lies, with the others of its build.
[[nodiscard]] inline std::filesystem::path build_dir() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace headwater::testing
