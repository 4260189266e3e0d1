#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace headwater::postgres {

/// The programs of one major version of PostgreSQL, as Debian lays them out: <root>/<version>/bin.
class Installation {
  public:
    static constexpr const char* kDefaultRoot = "/usr/lib/postgresql";

    /// The newest version that has a server and initdb, for a new cluster.
    [[nodiscard]] static std::optional<Installation> newest(const std::filesystem::path& root);
    [[nodiscard]] static std::optional<Installation> of_version(const std::filesystem::path& root,
                                                                int version);

    [[nodiscard]] int version() const { return version_; }
    [[nodiscard]] std::string program(const std::string& name) const { return (folder_ / name).string(); }

  private:
    Installation(std::filesystem::path folder, int version) : folder_(std::move(folder)), version_(version) {}

    std::filesystem::path folder_;
    int version_;
};

}  // namespace headwater::postgres
