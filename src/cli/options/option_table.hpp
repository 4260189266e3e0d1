#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/options/option_kind.hpp"

namespace headwater::cli {

/// Where an option may come from besides the command line.
enum class Sources { arguments_only, variable, variable_and_file };

/// One option: `--name`, and by its sources `HEADWATER_NAME` and `name = …` in the configuration file.
struct OptionDefinition {
    std::string name;
    std::string sentence;
    OptionKind kind;
    std::string group;
    Sources sources = Sources::arguments_only;

    /// "HEADWATER_DATABASE_URL"; "" when it has no variable.
    [[nodiscard]] std::string variable() const;
    /// The sentence, range and default, as help and the man page show them.
    [[nodiscard]] std::string description() const;
};

/// The options of a subcommand, in the order in which help shows them. Help, completions, man page, variables
/// and the keys of the configuration file are all made from it.
class OptionTable {
  public:
    /// The group, and the sources, of the options that are added from now on.
    OptionTable& group(std::string name);
    OptionTable& from(Sources sources);
    OptionTable& add(std::string name, OptionKind kind, std::string sentence);

    [[nodiscard]] const std::vector<OptionDefinition>& definitions() const { return definitions_; }
    /// Nothing when there is no such option.
    [[nodiscard]] const OptionDefinition* find(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> names() const;

  private:
    std::string group_ = "Options";
    Sources sources_ = Sources::arguments_only;
    std::vector<OptionDefinition> definitions_;
};

}  // namespace headwater::cli
