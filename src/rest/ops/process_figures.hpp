#pragma once

#include <string>

namespace headwater::rest {

/// This process's own figures (CPU, memory, descriptors, threads, start) in Prometheus' text format, read
/// from /proc/self.
[[nodiscard]] std::string process_figures();

}  // namespace headwater::rest
