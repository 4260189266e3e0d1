#include "tests/support/temp_dir.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kPlenty = std::uintmax_t{4} << 30;

fs::path parent() {
    const fs::path memory = "/dev/shm";
    std::error_code failed;
    const auto space = fs::space(memory, failed);
    const bool is_plenty = !failed && space.available >= kPlenty;
    return is_plenty && std::getenv("TMPDIR") == nullptr ? memory : fs::temp_directory_path();
}

}  // namespace

TempDir::TempDir() {
    std::string path = (parent() / "hwt-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    ::chmod(path.c_str(), 0755);
    path_ = path;
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace headwater::testing
