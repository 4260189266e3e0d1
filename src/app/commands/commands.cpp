#include "app/commands/commands.hpp"

#include "cli/commands.hpp"

namespace headwater::app {

cli::Subcommand make_commands() {
    cli::Subcommand root("headwater",
                         "Headwater: stores typed events durably and carries each one to queues, webhooks, "
                         "feeds and live subscribers.\nStart with: headwater serve");
    add_serve(root);
    add_migrate(root);
    add_keys(root);
    cli::add_register(root);
    cli::add_send(root);
    cli::add_tail(root);
    cli::add_feed(root);
    cli::add_streams(root);
    cli::add_monitors(root);
    add_openapi(root);
    add_completion(root);
    add_man(root);
    add_version(root);
    return root;
}

}  // namespace headwater::app
