#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cli/http/server.hpp"
#include "cli/subcommand.hpp"

namespace headwater::cli {

/// The values of one subcommand of `streams`.
struct StreamOptions {
    ServerAddress address;
    std::string stream;
    std::string event;
    std::string from;
    std::string to;
    std::size_t rate = 0;
    std::size_t limit = 100;
    bool is_all = false;
    bool only_dead = false;
    bool is_detached = false;
    bool is_json = false;

    [[nodiscard]] std::string path(const std::string& rest = "") const {
        return "/api/streams/" + encode_url(stream) + rest;
    }
};

/// Adds a child of `streams` that takes the stream's id or name. `action` returns the program's exit code.
Subcommand& add_action(Subcommand& streams, const std::string& name, const std::string& sentence,
                       const std::shared_ptr<StreamOptions>& options, int (*action)(const StreamOptions&));

}  // namespace headwater::cli
