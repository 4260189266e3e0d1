#include "cli/subcommand.hpp"

namespace headwater::cli {

Subcommand::Subcommand(std::string name, std::string sentence)
    : name_(std::move(name)), sentence_(std::move(sentence)) {}

Subcommand& Subcommand::add(std::string name, std::string sentence) {
    return *children_.emplace_back(std::make_unique<Subcommand>(std::move(name), std::move(sentence)));
}

Subcommand& Subcommand::argument(std::string name, OptionKind kind, std::string sentence) {
    arguments_.push_back({std::move(name), std::move(sentence), std::move(kind), true});
    return *this;
}

Subcommand& Subcommand::optional_argument(std::string name, OptionKind kind, std::string sentence) {
    arguments_.push_back({std::move(name), std::move(sentence), std::move(kind), false});
    return *this;
}

Subcommand& Subcommand::explain(std::string text) {
    explanation_ = std::move(text);
    return *this;
}

Subcommand& Subcommand::examples(std::initializer_list<std::string_view> lines) {
    examples_.assign(lines.begin(), lines.end());
    return *this;
}

Subcommand& Subcommand::configurable() {
    is_configurable_ = true;
    return *this;
}

Subcommand& Subcommand::check(Check check) {
    checks_.push_back(std::move(check));
    return *this;
}

Subcommand& Subcommand::run(Run run) {
    run_ = std::move(run);
    return *this;
}

void Subcommand::look_for_mistakes(std::vector<std::string>& mistakes) const {
    for (const Check& check : checks_) check(mistakes);
}

}  // namespace headwater::cli
