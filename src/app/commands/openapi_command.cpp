#include <iostream>

#include "app/commands/commands.hpp"
#include "app/description.hpp"

namespace headwater::app {

void add_openapi(cli::Subcommand& root) {
    root.add("openapi", "Print the API's description (OpenAPI, YAML)")
        .examples({"headwater openapi > headwater.yaml"})
        .run([] {
            std::cout << api_description();
            return cli::kSuccess;
        });
}

}  // namespace headwater::app
