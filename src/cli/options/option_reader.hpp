#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/options/option_table.hpp"

namespace headwater::cli {

/// What was found wrong, each one sentence; and what looks wrong but does no harm.
struct OptionFindings {
    std::vector<std::string> mistakes;
    std::vector<std::string> warnings;
};

/// The process's environment, or a test's.
struct Environment {
    std::map<std::string, std::string> variables;

    [[nodiscard]] static Environment of_process();
    /// Nothing when it is not set, or empty.
    [[nodiscard]] std::optional<std::string> find(const std::string& name) const;
};

/// The texts that the command line gives for each option, by name.
using GivenTexts = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Stores the values of a table's options: those of the command line, else of the environment, else of the
/// configuration file (`file`, "" = none), in that order of strength. Finds everything that is wrong, not
/// only the first thing; warns of HEADWATER_ variables that nobody reads.
[[nodiscard]] OptionFindings read_options(const OptionTable& table, const GivenTexts& given,
                                          const Environment& environment, const std::string& file);

}  // namespace headwater::cli
