#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace headwater::postgres {

class EmbeddedSupervisor;

struct EmbeddedOptions {
    std::filesystem::path data_dir;
    /// How long a start may take; recovery after a crash with much unwritten data takes a while.
    std::chrono::seconds start_deadline{300};
    /// Then a stop no longer waits for PostgreSQL's closing checkpoint; the next start recovers.
    std::chrono::seconds stop_deadline{15};
    std::filesystem::path installations = "/usr/lib/postgresql";  ///< holds <version>/bin
};

/// The private PostgreSQL of a node without --database-url: initialised at the first start, reachable through
/// a unix socket in a private folder alone, restarted when it crashes, stopped with the object. Only one
/// process has a data directory at a time. Thread-safe, but for stop().
class EmbeddedServer {
  public:
    /// Returns once it takes connections. Throws std::runtime_error with one sentence why it cannot.
    [[nodiscard]] static std::unique_ptr<EmbeddedServer> start(const EmbeddedOptions& options);
    ~EmbeddedServer();
    EmbeddedServer(const EmbeddedServer&) = delete;
    EmbeddedServer& operator=(const EmbeddedServer&) = delete;

    /// For libpq and libpqxx; the same for the object's life.
    [[nodiscard]] std::string url() const;
    /// False between a crash and the end of the restart, and after stop().
    [[nodiscard]] bool is_running() const;
    /// 0 while none runs.
    [[nodiscard]] pid_t postmaster_pid() const;
    /// Ends the server with a fast shutdown (open transactions roll back), within the stop deadline and a few
    /// seconds. Idempotent.
    void stop();

  private:
    explicit EmbeddedServer(std::unique_ptr<EmbeddedSupervisor> supervisor);

    std::unique_ptr<EmbeddedSupervisor> supervisor_;
};

}  // namespace headwater::postgres
