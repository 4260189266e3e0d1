#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "postgres/cluster.hpp"
#include "postgres/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace headwater::testing {

enum class Durability {
    full,
    none,  ///< fsync off, which Headwater itself refuses; survives the death of its processes all the same
};

/// Puts the files of an initialised cluster, of which one copy is kept per build, into <data_dir>/postgres.
void copy_cluster_template(const std::filesystem::path& data_dir);

/// A throwaway PostgreSQL on a unix socket of its own, ready after about 0.2 s: its files are a copy of a
/// cluster that is initialised once per build. It dies with the thread that started it. Not thread-safe.
class PostgresServer {
  public:
    /// `settings` are further "name=value" for the server. Starts it.
    explicit PostgresServer(Durability durability = Durability::full, std::vector<std::string> settings = {});
    ~PostgresServer();

    /// An empty database in UTF-8 whose user is superuser.
    [[nodiscard]] std::string url() const { return url_of("headwater"); }
    /// A further empty database, for a test that wants one of its own; returns its URL.
    [[nodiscard]] std::string create_database();
    /// The same database as url() through a TcpProxy to socket_path().
    [[nodiscard]] std::string url_through(std::uint16_t proxy_port) const;
    [[nodiscard]] std::filesystem::path socket_path() const { return folder_ / ".s.PGSQL.5432"; }
    [[nodiscard]] pid_t postmaster_pid() const { return postmaster_->pid(); }
    [[nodiscard]] postgres::ClusterProcesses processes() const { return cluster_.processes(); }

    void start();
    /// Fast shutdown.
    void stop();
    /// kill -9 of the postmaster and every back end at once, as if the power had failed (but for the system's
    /// cache).
    void kill();
    void restart() {
        stop();
        start();
    }

    /// Runs statements with psql; returns its output, unaligned, without headings. Throws when one fails.
    std::string run_sql(const std::string& sql) const;

  private:
    [[nodiscard]] std::string url_of(const std::string& database) const;

    TempDir folder_;
    Durability durability_;
    std::vector<std::string> settings_;
    postgres::Cluster cluster_;
    std::optional<postgres::ChildProcess> postmaster_;
    int databases_ = 0;
};

}  // namespace headwater::testing
