#pragma once

#include <atomic>
#include <future>
#include <optional>
#include <stop_token>
#include <thread>

#include "postgres/cluster.hpp"
#include "postgres/cluster_processes.hpp"
#include "postgres/data_lock.hpp"
#include "postgres/embedded_server.hpp"
#include "postgres/process.hpp"
#include "postgres/socket_folder.hpp"

namespace headwater::postgres {

/// The thread that starts the postmaster, waits on it and starts it again when it ends by itself. It ends
/// what an earlier life left behind before each start: those processes hold the shared memory and the lock.
/// The postmaster gets a fast shutdown from the kernel when this process dies.
class EmbeddedSupervisor {
  public:
    EmbeddedSupervisor(DataLock lock, Cluster cluster, const std::filesystem::path& data_dir,
                       const EmbeddedOptions& options);
    ~EmbeddedSupervisor();

    /// Throws what kept the first start from succeeding.
    void start();
    void stop();
    [[nodiscard]] std::string url() const;
    [[nodiscard]] bool is_running() const { return is_running_; }
    [[nodiscard]] pid_t postmaster_pid() const { return postmaster_pid_; }

  private:
    void run(const std::stop_token& stop, std::promise<void> first);
    void supervise(const std::stop_token& stop, std::optional<ChildProcess> postmaster);
    [[nodiscard]] ChildProcess start_postmaster(const std::stop_token& stop);
    [[nodiscard]] ChildProcess launch_postmaster() const;
    void wait_until_ready(const std::stop_token& stop, ChildProcess& postmaster) const;
    void write_files() const;
    void shut_down(ChildProcess& postmaster);

    DataLock lock_;  ///< first, so that it is given back last
    Cluster cluster_;
    EmbeddedOptions options_;
    SocketFolder socket_;
    ClusterProcesses processes_;
    std::atomic<bool> is_running_ = false;
    std::atomic<pid_t> postmaster_pid_ = 0;
    FileDescriptor wake_;  ///< an eventfd that ends the wait on the postmaster
    std::jthread thread_;
};

}  // namespace headwater::postgres
