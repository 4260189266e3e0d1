#include <iostream>

#include "app/description.hpp"
#include "app/options.hpp"
#include "app/serve.hpp"
#include "app/storage.hpp"
#include "app/version.hpp"

namespace {

using namespace headwater;

int migrate(const app::ServeOptions& options) {
    try {
        const app::Storage storage(options);
    } catch (const std::exception& error) {
        std::cerr << "headwater: " << error.what() << "\n";
        return 1;
    }
    std::cout << "The schema is up to date.\n";
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const app::CommandLineResult read = app::read_command_line(argc, argv);
    if (read.should_exit) return read.exit_code;
    switch (read.line.command) {
        case app::CommandLine::Command::serve:
            return app::serve(read.line.serve);
        case app::CommandLine::Command::migrate:
            return migrate(read.line.serve);
        case app::CommandLine::Command::openapi:
            std::cout << app::api_description();
            return 0;
        case app::CommandLine::Command::version:
            std::cout << "headwater " << app::kVersion << "\n";
            return 0;
    }
    return 2;
}
