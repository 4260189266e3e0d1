#include <iostream>
#include <memory>

#include "app/commands/commands.hpp"
#include "app/option_checks.hpp"
#include "app/serve.hpp"
#include "app/serve_options.hpp"
#include "cli/documents/config_file.hpp"

namespace headwater::app {
namespace {

struct Serve {
    ServeOptions options;
    bool should_only_check = false;
    bool should_print = false;
    std::string config;  ///< an example of a configuration file
};

int run(const Serve& command) {
    if (!command.should_only_check && !command.should_print) return serve(command.options);
    std::cout << (command.should_print ? command.config : "ok\n");
    return cli::kSuccess;
}

}  // namespace

void add_serve(cli::Subcommand& root) {
    const auto command = std::make_shared<Serve>();
    cli::Subcommand& serve = root.add("serve", "Run the server");
    add_serve_options(serve, command->options);
    command->config = cli::example_config(serve.options());
    serve.options().add("print-config", cli::flag(command->should_print),
                        "Print a configuration file with every option and its default, and exit");
    serve.options().add(
        "check-config", cli::flag(command->should_only_check),
        "Check all options and the files that they name, print ok or every mistake, and exit");
    serve
        .explain(
            "Each option is also a variable (HEADWATER_LISTEN; several values are separated by spaces) and a "
            "key of the --config file (listen = \"…\", rabbit = [\"…\", \"…\"]). The command line is "
            "stronger than a variable, and a variable than the file.")
        .examples({"headwater serve", "headwater serve --config /etc/headwater/headwater.toml --check-config",
                   "headwater serve --rabbit amqp://guest:guest@127.0.0.1:5672/ --log-level debug",
                   "headwater serve --database-url postgresql://headwater@db/headwater \\",
                   "    --public-url https://events.example.org"})
        .check([command](auto& mistakes) {
            if (command->should_only_check) check_files(command->options, mistakes);
        })
        .run([command] { return run(*command); });
}

}  // namespace headwater::app
