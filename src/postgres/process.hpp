#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "postgres/account.hpp"
#include "postgres/file_descriptor.hpp"

namespace headwater::postgres {

using Deadline = std::chrono::steady_clock::time_point;

/// A program to run. It gets no descriptor of ours but the ones named here, default signals and a session of
/// its own, so that a Ctrl-C at the terminal reaches only us.
struct Command {
    std::vector<std::string> arguments;  ///< [0] is the program's full path
    std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"};
    std::filesystem::path directory = "/";
    std::optional<Account> account{};  ///< only root may name one
    std::string input{};               ///< its standard input, at most 4 KiB
    int output = -1;                   ///< borrowed; /dev/null when -1
    int errors = -1;                   ///< borrowed; /dev/null when -1
    /// Sent to the program when the thread that launched it ends: launch lasting programs from lasting
    /// threads.
    int signal_on_parent_death = SIGKILL;
};

/// The program could not be run at all. what() is one sentence.
class LaunchError : public std::runtime_error {
  public:
    enum class Step { prepare, account, directory, program };
    LaunchError(Step failed, int error, const Command& command);
    [[nodiscard]] Step step() const { return step_; }

  private:
    Step step_;
};

/// How a program ended.
struct ExitStatus {
    int code = 0;    ///< when signal is 0
    int signal = 0;  ///< that ended it
    [[nodiscard]] bool is_success() const { return code == 0 && signal == 0; }
};
/// "exited with 1", "was ended by signal 9".
[[nodiscard]] std::string to_string(ExitStatus status);

/// A running program of ours. Whoever holds the object owns the process: the destructor kills it with its
/// process group and reaps it. Not thread-safe.
class ChildProcess {
  public:
    /// Throws LaunchError.
    [[nodiscard]] static ChildProcess launch(const Command& command);
    ChildProcess(ChildProcess&&) noexcept = default;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Becomes readable for poll(2) when the process has ended.
    [[nodiscard]] int descriptor() const { return pidfd_.get(); }
    /// Does nothing once the process has ended.
    void signal(int number);
    /// The same to its whole process group.
    void signal_group(int number);
    /// How it ended; nothing when it still runs at the deadline.
    [[nodiscard]] std::optional<ExitStatus> wait_until(Deadline deadline);

  private:
    ChildProcess(pid_t pid, FileDescriptor pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    void end();

    pid_t pid_;
    FileDescriptor pidfd_;  ///< closed once moved from
    std::optional<ExitStatus> status_;
};

struct Finished {
    ExitStatus status;
    std::string output;  ///< standard output and error, the last 64 KiB
};

/// Runs a program to its end. Throws LaunchError, and std::runtime_error when it had to be killed at the
/// deadline.
[[nodiscard]] Finished run(Command command, Deadline deadline);

/// Waits for a descriptor to become readable; false at the deadline.
[[nodiscard]] bool wait_readable(int descriptor, Deadline deadline);

}  // namespace headwater::postgres
