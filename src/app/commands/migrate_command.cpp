#include <iostream>
#include <memory>

#include "app/commands/commands.hpp"
#include "app/serve_options.hpp"
#include "app/storage.hpp"

namespace headwater::app {
namespace {

int run(const ServeOptions& options) {
    const Storage storage(options);
    std::cout << "The schema is up to date.\n";
    return cli::kSuccess;
}

}  // namespace

void add_migrate(cli::Subcommand& root) {
    const auto options = std::make_shared<ServeOptions>();
    cli::Subcommand& migrate = root.add("migrate", "Bring the database's schema up to this version and exit");
    add_serve_options(migrate, *options);
    migrate
        .explain(
            "The server does this itself when it starts; by hand it is of use where the server's user may "
            "not change the schema. Takes the options of serve.")
        .examples({"headwater migrate --database-url postgresql://owner@db/headwater"})
        .run([options] { return run(*options); });
}

}  // namespace headwater::app
