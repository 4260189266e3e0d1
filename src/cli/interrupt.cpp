#include "cli/interrupt.hpp"

#include <csignal>

namespace headwater::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_signal(int signal) {
    interrupted = 1;
    std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
    struct sigaction action {};
    action.sa_handler = on_signal;  // no SA_RESTART: what waits is to wake up
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

bool is_interrupted() {
    return interrupted != 0;
}

}  // namespace headwater::cli
