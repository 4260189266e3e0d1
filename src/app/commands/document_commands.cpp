#include <iostream>
#include <memory>

#include "app/commands/commands.hpp"
#include "app/version.hpp"
#include "cli/documents/completions.hpp"
#include "cli/documents/man_page.hpp"

namespace headwater::app {

void add_completion(cli::Subcommand& root) {
    const auto shell = std::make_shared<std::string>();
    root.add("completion", "Print the completion script for a shell")
        .argument("SHELL", cli::choice(*shell, {"bash", "zsh"}), "bash or zsh")
        .examples({"headwater completion bash > /etc/bash_completion.d/headwater",
                   "headwater completion zsh > /usr/local/share/zsh/site-functions/_headwater"})
        .run([shell] {
            const cli::Subcommand commands = make_commands();
            std::cout << (*shell == "bash" ? cli::bash_completion(commands) : cli::zsh_completion(commands));
            return cli::kSuccess;
        });
}

void add_man(cli::Subcommand& root) {
    root.add("man", "Print the manual page, in troff").examples({"headwater man | man -l -"}).run([] {
        std::cout << cli::man_page(make_commands(), std::string(kVersion));
        return cli::kSuccess;
    });
}

}  // namespace headwater::app
