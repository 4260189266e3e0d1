#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/cluster_processes.hpp"
#include "postgres/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace headwater::testing {

/// The real binary (HEADWATER_BINARY, or the one beside the test) as `headwater serve` on free ports with a
/// data directory of its own. It dies with the thread that started it. Not thread-safe.
class HeadwaterProcess {
  public:
    /// Further options after `serve --listen … --ops-listen … --data-dir …`. Does not start it.
    explicit HeadwaterProcess(std::vector<std::string> options = {});
    ~HeadwaterProcess();

    /// Starts it and waits for the ready line; throws with its standard error when it does not come.
    void start(std::chrono::seconds patience = std::chrono::seconds(60));
    /// Starts it and waits until it ends, for what must be refused.
    postgres::ExitStatus run(std::chrono::seconds patience = std::chrono::seconds(30));

    /// SIGTERM, and how it ended; nothing when it still runs after the patience.
    std::optional<postgres::ExitStatus> stop(std::chrono::seconds patience = std::chrono::seconds(30));
    /// kill -9 of the server alone; its PostgreSQL is left to itself.
    void kill();
    /// kill -9 of the server and of every process of its PostgreSQL.
    void kill_with_postgres();
    void signal(int number);
    [[nodiscard]] std::optional<postgres::ExitStatus> wait(std::chrono::seconds patience);

    [[nodiscard]] pid_t pid() const { return process_->pid(); }
    [[nodiscard]] std::uint16_t port() const { return port_; }  ///< the public one, the same after a restart
    [[nodiscard]] std::uint16_t ops_port() const { return ops_port_; }  ///< the operations port
    [[nodiscard]] std::filesystem::path data_dir() const { return folder_ / "data"; }
    [[nodiscard]] std::string standard_error() const;
    [[nodiscard]] std::string standard_output() const;

  private:
    void launch();
    [[nodiscard]] postgres::ClusterProcesses postgres_processes() const;
    [[nodiscard]] bool reads_ready_line();

    TempDir folder_;
    std::vector<std::string> options_;
    std::uint16_t port_ = 0;
    std::uint16_t ops_port_ = 0;
    std::optional<postgres::ChildProcess> process_;
};

}  // namespace headwater::testing
