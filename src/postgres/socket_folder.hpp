#pragma once

#include <filesystem>
#include <string>

#include "postgres/cluster.hpp"

namespace headwater::postgres {

/// The private folder (mode 0700, of the cluster's user) with the server's unix socket: <data_dir>/run, or a
/// fresh one with a short name under XDG_RUNTIME_DIR or /tmp when that would be longer than a socket's
/// address may be. The destructor removes such a fresh one.
class SocketFolder {
  public:
    /// Throws std::runtime_error with one sentence.
    SocketFolder(const Cluster& cluster, const std::filesystem::path& data_dir);
    ~SocketFolder();
    SocketFolder(const SocketFolder&) = delete;
    SocketFolder& operator=(const SocketFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    bool is_temporary_ = false;
};

/// The url of the private cluster whose socket stands in that folder.
[[nodiscard]] std::string private_url(const std::filesystem::path& socket_folder);

}  // namespace headwater::postgres
