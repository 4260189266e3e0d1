#pragma once

#include <string>
#include <vector>

#include "app/options.hpp"

namespace headwater::app {

/// What is wrong with options taken together, though each is right by itself; a sentence each.
void check_together(const ServeOptions& options, std::vector<std::string>& mistakes);

/// Files and folders that the options name and that are not there, or cannot be read or written by this user.
void check_files(const ServeOptions& options, std::vector<std::string>& mistakes);

}  // namespace headwater::app
