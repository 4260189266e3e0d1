#include "app/commands/commands.hpp"
#include "app/version.hpp"
#include "cli/command_line.hpp"

int main(int argc, char** argv) {
    const headwater::cli::Subcommand commands = headwater::app::make_commands();
    return headwater::cli::run_command_line(commands, std::string(headwater::app::kVersion), argc, argv);
}
