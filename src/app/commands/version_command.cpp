#include <iostream>

#include "app/commands/commands.hpp"
#include "app/version.hpp"

namespace headwater::app {

void add_version(cli::Subcommand& root) {
    root.add("version", "Print the version").run([] {
        std::cout << "headwater " << kVersion << "\n";
        return cli::kSuccess;
    });
}

}  // namespace headwater::app
