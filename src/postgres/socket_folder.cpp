#include "postgres/socket_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace headwater::postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSocketPath = 107;  // sun_path of sockaddr_un without its NUL
constexpr std::string_view kSocketName = "/.s.PGSQL.5432";

/// In a URL's query (RFC 3986, section 2.1).
std::string percent_encode(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '-' || c == '_' || c == '.' || c == '~';
        result += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

bool is_short_enough(const fs::path& folder) {
    return folder.string().size() + kSocketName.size() <= kMaxSocketPath;
}

/// Root's own XDG_RUNTIME_DIR is closed to PostgreSQL's user.
fs::path short_parent() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    std::error_code ignored;
    if (!is_root() && runtime != nullptr && fs::is_directory(runtime, ignored) &&
        is_short_enough(fs::path(runtime) / "headwater-XXXXXX")) {
        return runtime;
    }
    return "/tmp";
}

fs::path make_short(const Account& owner) {
    std::string path = (short_parent() / "headwater-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr ||
        (is_root() && ::lchown(path.c_str(), owner.uid, owner.gid) != 0)) {
        throw std::runtime_error(
            fmt::format("A folder for PostgreSQL's socket could not be made at {}.", path));
    }
    return path;
}

}  // namespace

SocketFolder::SocketFolder(const Cluster& cluster, const fs::path& data_dir) : path_(data_dir / "run") {
    if (is_short_enough(path_)) {
        cluster.make_private_folder(path_);
    } else {
        path_ = make_short(cluster.account());
        is_temporary_ = true;
    }
}

std::string private_url(const fs::path& socket_folder) {
    return fmt::format("postgresql:///{}?host={}&port=5432&user={}", kPrivateDatabase,
                       percent_encode(socket_folder.string()), kPrivateUser);
}

SocketFolder::~SocketFolder() {
    if (is_temporary_) {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
}

}  // namespace headwater::postgres
