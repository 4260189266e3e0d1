#pragma once

#include <filesystem>
#include <string>

#include "postgres/account.hpp"
#include "postgres/cluster_processes.hpp"
#include "postgres/installation.hpp"
#include "postgres/process.hpp"

namespace headwater::postgres {

inline constexpr const char* kPrivateUser = "headwater";      ///< the superuser of a private cluster
inline constexpr const char* kPrivateDatabase = "headwater";  ///< its one database

/// The files of one private cluster inside the data directory: <data_dir>/postgres, and beside it what we
/// write ourselves and what PostgreSQL's user may read but not change. A value; makes and checks files, runs
/// no server.
class Cluster {
  public:
    /// Finds the cluster in the data directory, or makes it with initdb: in a temporary folder that is
    /// renamed, so that it is there as a whole or not at all. Throws std::runtime_error with one sentence.
    [[nodiscard]] static Cluster prepare(const std::filesystem::path& data_dir,
                                         const std::filesystem::path& installations);

    [[nodiscard]] std::filesystem::path folder() const { return data_dir_ / "postgres"; }
    [[nodiscard]] std::filesystem::path log_folder() const { return data_dir_ / "log"; }
    /// What the postmaster writes before its log is open; started anew each time.
    [[nodiscard]] std::filesystem::path start_log() const { return data_dir_ / "postmaster.log"; }
    [[nodiscard]] std::filesystem::path settings_file() const { return data_dir_ / "postgresql.conf"; }
    [[nodiscard]] std::filesystem::path access_file() const { return data_dir_ / "pg_hba.conf"; }
    [[nodiscard]] ClusterProcesses processes() const;

    [[nodiscard]] const Account& account() const { return account_; }
    [[nodiscard]] const Installation& installation() const { return installation_; }
    /// A command that runs one of the version's programs as the cluster's user.
    [[nodiscard]] Command command(const std::string& program) const;

    /// Makes an empty folder that only the cluster's user may enter, unless it is there.
    void make_private_folder(const std::filesystem::path& path) const;

  private:
    Cluster(std::filesystem::path data_dir, Account account, Installation installation);
    void initialise() const;
    void run_initdb(const std::filesystem::path& target) const;
    void create_database(const std::filesystem::path& target) const;

    std::filesystem::path data_dir_;
    Account account_;
    Installation installation_;
};

}  // namespace headwater::postgres
