#include "app/options.hpp"

#include <unistd.h>

#include <cstdlib>

namespace headwater::app {

bool Endpoint::is_loopback() const {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::filesystem::path default_data_dir() {
    if (geteuid() == 0) return "/var/lib/headwater";
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/') {
        return std::filesystem::path(data) / "headwater";
    }
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : "/tmp") / ".local/share/headwater";
}

}  // namespace headwater::app
