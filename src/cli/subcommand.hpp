#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options/option_table.hpp"

namespace headwater::cli {

/// Exit codes of every command.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;   ///< it was understood and did not work
inline constexpr int kBadUsage = 2;  ///< a bad option, argument or input file

/// An argument without a name in front, such as the TYPE of `send TYPE PAYLOAD`.
struct ArgumentDefinition {
    std::string name;
    std::string sentence;
    OptionKind kind;
    bool is_required = false;
};

/// A node of the command line: what it is called, what it takes, what it does. Help, completions and the man
/// page are made from it. Built once in main, then constant.
class Subcommand {
  public:
    using Run = std::function<int()>;
    using Check = std::function<void(std::vector<std::string>& mistakes)>;

    Subcommand(std::string name, std::string sentence);

    /// A child; the reference stays valid.
    Subcommand& add(std::string name, std::string sentence);
    [[nodiscard]] OptionTable& options() { return options_; }
    Subcommand& argument(std::string name, OptionKind kind, std::string sentence);
    Subcommand& optional_argument(std::string name, OptionKind kind, std::string sentence);
    /// What help says below the options.
    Subcommand& explain(std::string text);
    /// Lines to type, below the explanation.
    Subcommand& examples(std::initializer_list<std::string_view> lines);
    /// Adds --config, the file of the options that may come from one.
    Subcommand& configurable();
    /// Looks at the values together, after all have been stored; adds a sentence for each mistake.
    Subcommand& check(Check check);
    /// What it does when nothing was wrong; owns the values. Returns the exit code; an exception is exit code
    /// 1 with its text.
    Subcommand& run(Run run);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& sentence() const { return sentence_; }
    [[nodiscard]] const OptionTable& options() const { return options_; }
    [[nodiscard]] const std::vector<ArgumentDefinition>& arguments() const { return arguments_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Subcommand>>& children() const { return children_; }
    [[nodiscard]] const std::string& explanation() const { return explanation_; }
    [[nodiscard]] const std::vector<std::string>& example_lines() const { return examples_; }
    [[nodiscard]] bool is_configurable() const { return is_configurable_; }
    /// Only with children.
    [[nodiscard]] bool is_group() const { return !run_; }
    void look_for_mistakes(std::vector<std::string>& mistakes) const;
    [[nodiscard]] int start() const { return run_(); }

  private:
    std::string name_;
    std::string sentence_;
    OptionTable options_;
    std::vector<ArgumentDefinition> arguments_;
    std::vector<std::unique_ptr<Subcommand>> children_;
    std::string explanation_;
    std::vector<std::string> examples_;
    bool is_configurable_ = false;
    std::vector<Check> checks_;
    Run run_;
};

}  // namespace headwater::cli
