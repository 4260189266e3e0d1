#include "postgres/process_child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>

namespace headwater::postgres {
namespace {

[[noreturn]] void fail(const ChildPlan& plan, LaunchError::Step step) {
    const LaunchFailure failure{step, errno};
    [[maybe_unused]] const auto written = ::write(plan.report, &failure, sizeof failure);
    ::_exit(127);
}

void reset_signals() {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int number = 1; number < NSIG; ++number) {
        ::signal(number, SIG_DFL);
    }
}

/// Moves the three standard descriptors and the report to 0-3 and closes all others. They are first copied
/// out of the way.
int arrange_descriptors(const ChildPlan& plan) {
    const std::array<int, 4> wanted = {plan.input, plan.output, plan.errors, plan.report};
    std::array<int, 4> copies{};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        copies[i] = ::fcntl(wanted[i], F_DUPFD, 10);
    }
    for (int i = 0; i < 4; ++i) {
        if (copies[static_cast<std::size_t>(i)] < 0 || ::dup2(copies[static_cast<std::size_t>(i)], i) < 0) {
            return -1;
        }
    }
    ::fcntl(3, F_SETFD, FD_CLOEXEC);
    return ::close_range(4, UINT_MAX, 0);
}

bool become(const Account& account) {
    return ::setgroups(account.groups.size(), account.groups.data()) == 0 && ::setgid(account.gid) == 0 &&
           ::setuid(account.uid) == 0;
}

}  // namespace

void run_child(ChildPlan plan) {
    using Step = LaunchError::Step;
    reset_signals();
    ::setsid();
    if (arrange_descriptors(plan) != 0) {
        fail(plan, Step::prepare);
    }
    plan.report = 3;
    if (plan.command.account && !become(*plan.command.account)) {
        fail(plan, Step::account);
    }
    // After setuid, which forgets it. The parent may have ended before the call.
    ::prctl(PR_SET_PDEATHSIG, plan.command.signal_on_parent_death);
    if (::getppid() != plan.parent) {
        ::_exit(127);
    }
    if (::chdir(plan.command.directory.c_str()) != 0) {
        fail(plan, Step::directory);
    }
    ::execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
    fail(plan, Step::program);
}

}  // namespace headwater::postgres
