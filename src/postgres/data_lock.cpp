#include "postgres/data_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <array>
#include <stdexcept>

namespace headwater::postgres {
namespace {

std::string read_pid(const FileDescriptor& file) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
    std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    pid.erase(pid.find_last_not_of(" \n") + 1);
    return pid.empty() ? "unknown" : pid;
}

}  // namespace

DataLock::DataLock(const std::filesystem::path& data_dir) {
    const auto path = data_dir / "lock";
    file_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file_.is_open()) {
        throw std::runtime_error(
            fmt::format("The data directory {} cannot be written to.", data_dir.string()));
    }
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
        throw std::runtime_error(
            fmt::format("The data directory {} is in use by another headwater (process {}).",
                        data_dir.string(), read_pid(file_)));
    }
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(file_.get(), 0) != 0 ||
        ::pwrite(file_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        throw std::runtime_error(
            fmt::format("The data directory {} cannot be written to.", data_dir.string()));
    }
}

}  // namespace headwater::postgres
