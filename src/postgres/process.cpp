#include "postgres/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

#include "postgres/pidfd.hpp"
#include "postgres/process_child.hpp"

namespace headwater::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxInput = 4096;
constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr auto kKillDeadline = std::chrono::seconds(10);

struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};

Pipe open_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::vector<char*> to_pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) {
        pointers.push_back(const_cast<char*>(text.c_str()));
    }
    pointers.push_back(nullptr);
    return pointers;
}

void write_input(const Pipe& pipe, const std::string& input) {
    if (input.size() > kMaxInput) {
        throw std::length_error("the input of a child program is too long");
    }
    // It fits into the pipe's buffer, so that this neither blocks nor stops half way.
    if (::write(pipe.write_end.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
        throw std::system_error(errno, std::generic_category(), "write");
    }
}

FileDescriptor open_null() {
    return FileDescriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

void throw_if_failed(const FileDescriptor& report, pid_t child, const Command& command) {
    LaunchFailure failure{};
    ssize_t got = 0;
    do {
        got = ::read(report.get(), &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got == static_cast<ssize_t>(sizeof failure)) {
        ::waitpid(child, nullptr, 0);
        throw LaunchError(failure.step, failure.error, command);
    }
}

std::string describe(LaunchError::Step step, const Command& command) {
    const std::string user =
        command.account ? fmt::format("the user {}", command.account->name) : "this user";
    switch (step) {
        case LaunchError::Step::prepare:
            return fmt::format("{} could not be started", command.arguments.front());
        case LaunchError::Step::account:
            return fmt::format("{} could not be run as {}", command.arguments.front(), user);
        case LaunchError::Step::directory:
            return fmt::format("{} cannot enter {}", user, command.directory.string());
        case LaunchError::Step::program:
            return fmt::format("{} could not be run", command.arguments.front());
    }
    return {};
}

int remaining(Deadline deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
}

}  // namespace

LaunchError::LaunchError(Step failed, int error, const Command& command)
    : std::runtime_error(
          fmt::format("{}: {}", describe(failed, command), std::generic_category().message(error))),
      step_(failed) {}

std::string to_string(ExitStatus status) {
    return status.signal != 0 ? fmt::format("was ended by signal {}", status.signal)
                              : fmt::format("exited with {}", status.code);
}

bool wait_readable(int descriptor, Deadline deadline) {
    for (;;) {
        pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&one, 1, remaining(deadline));
        if (ready > 0) {
            return true;
        }
        if (ready == 0 || errno != EINTR) {
            return false;
        }
    }
}

ChildProcess ChildProcess::launch(const Command& command) {
    Pipe input = open_pipe();
    Pipe report = open_pipe();
    const FileDescriptor null = open_null();
    write_input(input, command.input);
    ChildPlan plan{.command = command,
                   .arguments = to_pointers(command.arguments),
                   .environment = to_pointers(command.environment),
                   .input = command.input.empty() ? null.get() : input.read_end.get(),
                   .output = command.output < 0 ? null.get() : command.output,
                   .errors = command.errors < 0 ? null.get() : command.errors,
                   .report = report.write_end.get(),
                   .parent = ::getpid()};
    const pid_t child = ::fork();
    if (child < 0) {
        throw LaunchError(LaunchError::Step::prepare, errno, command);
    }
    if (child == 0) {
        run_child(std::move(plan));
    }
    report.write_end.reset();
    throw_if_failed(report.read_end, child, command);
    FileDescriptor pidfd(::pidfd_open(child, 0));
    if (!pidfd.is_open()) {
        const int error = errno;
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        throw LaunchError(LaunchError::Step::prepare, error, command);
    }
    return {child, std::move(pidfd)};
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = other.pid_;
        pidfd_ = std::move(other.pidfd_);
        status_ = other.status_;
    }
    return *this;
}

ChildProcess::~ChildProcess() {
    end();
}

void ChildProcess::end() {
    if (pidfd_.is_open() && !status_) {
        signal_group(SIGKILL);
        signal(SIGKILL);
        [[maybe_unused]] const auto status = wait_until(steady_clock::now() + kKillDeadline);
    }
}

void ChildProcess::signal(int number) {
    if (!status_) {
        ::pidfd_send_signal(pidfd_.get(), number, nullptr, 0);
    }
}

void ChildProcess::signal_group(int number) {
    if (!status_) {
        ::kill(-pid_, number);
    }
}

std::optional<ExitStatus> ChildProcess::wait_until(Deadline deadline) {
    if (status_ || !wait_readable(pidfd_.get(), deadline)) {
        return status_;
    }
    siginfo_t info{};
    if (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0) {
        status_ = ExitStatus{.code = -1, .signal = 0};
    } else if (info.si_code == CLD_EXITED) {
        status_ = ExitStatus{.code = info.si_status, .signal = 0};
    } else {
        status_ = ExitStatus{.code = 0, .signal = info.si_status};
    }
    return status_;
}

Finished run(Command command, Deadline deadline) {
    Pipe output = open_pipe();
    command.output = output.write_end.get();
    command.errors = output.write_end.get();
    ChildProcess child = ChildProcess::launch(command);
    output.write_end.reset();
    Finished finished{};
    std::array<char, 4096> buffer{};
    while (wait_readable(output.read_end.get(), deadline)) {
        const ssize_t got = ::read(output.read_end.get(), buffer.data(), buffer.size());
        if (got <= 0) {
            break;
        }
        finished.output.append(buffer.data(), static_cast<std::size_t>(got));
        if (finished.output.size() > kMaxOutput) {
            finished.output.erase(0, finished.output.size() - kMaxOutput);
        }
    }
    const auto status = child.wait_until(deadline);
    if (!status) {
        throw std::runtime_error(command.arguments.front() + " did not finish in time");
    }
    finished.status = *status;
    return finished;
}

}  // namespace headwater::postgres
