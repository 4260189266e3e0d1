#pragma once

#include <vector>

#include "postgres/process.hpp"

namespace headwater::postgres {

/// What the child writes to its report when it cannot become the program.
struct LaunchFailure {
    LaunchError::Step step;
    int error;
};

/// Everything that the child needs between fork and exec, made before the fork: the child only makes system
/// calls.
struct ChildPlan {
    const Command& command;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    int input;
    int output;
    int errors;
    int report;
    pid_t parent;
};

/// The child's side of a launch: becomes the program, or reports why not and ends.
[[noreturn]] void run_child(ChildPlan plan);

}  // namespace headwater::postgres
