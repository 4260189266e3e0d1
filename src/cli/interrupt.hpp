#pragma once

namespace headwater::cli {

/// Ctrl-C (SIGINT) and SIGTERM as something to look at, for commands that end in their own way. From
/// catch_interrupts() on, the first signal only sets the flag, a second one ends the process. SIGPIPE is
/// ignored: a closed standard output shows as a failing write.
void catch_interrupts();
[[nodiscard]] bool is_interrupted();

}  // namespace headwater::cli
