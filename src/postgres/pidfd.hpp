#pragma once

// The C library's header for pidfd_open(2) and pidfd_send_signal(2) has no extern "C" in Debian 12
// (glibc 2.36).
extern "C" {
#include <sys/pidfd.h>
}
