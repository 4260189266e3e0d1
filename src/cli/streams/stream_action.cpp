#include "cli/streams/stream_action.hpp"

namespace headwater::cli {

Subcommand& add_action(Subcommand& streams, const std::string& name, const std::string& sentence,
                       const std::shared_ptr<StreamOptions>& options, int (*action)(const StreamOptions&)) {
    Subcommand& command = streams.add(name, sentence);
    command.argument("STREAM", text(options->stream, "STREAM"), "Its id or name");
    command.options().add("json", flag(options->is_json), "Print the server's answer");
    add_server_options(command, options->address);
    command.run([options, action] { return action(*options); });
    return command;
}

}  // namespace headwater::cli
