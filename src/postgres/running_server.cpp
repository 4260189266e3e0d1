#include "postgres/running_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <fstream>
#include <stdexcept>

#include "postgres/file_descriptor.hpp"
#include "postgres/socket_folder.hpp"

namespace headwater::postgres {
namespace {

namespace fs = std::filesystem;

constexpr int kSocketLine = 5;  // of postmaster.pid: PostgreSQL's miscadmin.h, LOCK_FILE_LINE_SOCKET_DIR

bool is_in_use(const fs::path& data_dir) {
    const FileDescriptor file(::open((data_dir / "lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) return false;
    return ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

std::string socket_folder_in(const fs::path& pid_file) {
    std::ifstream file(pid_file);
    std::string line;
    for (int number = 1; number <= kSocketLine; ++number) {
        if (!std::getline(file, line)) return {};
    }
    return line;
}

}  // namespace

std::optional<std::string> url_of_running_server(const fs::path& data_dir) {
    if (!is_in_use(data_dir)) return std::nullopt;
    const std::string folder = socket_folder_in(data_dir / "postgres" / "postmaster.pid");
    if (!folder.empty()) return private_url(folder);
    throw std::runtime_error(
        fmt::format("The data directory {} is in use, and its PostgreSQL is not running yet or belongs to "
                    "another user.",
                    data_dir.string()));
}

}  // namespace headwater::postgres
