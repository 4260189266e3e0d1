#pragma once

#include <string>
#include <vector>

#include "cli/http/server.hpp"

namespace headwater::cli {

/// The elements of a list of the server's, over all its pages (link `more` or `next`); at most `limit`, 0 =
/// all. Throws as Server does.
[[nodiscard]] std::vector<Json> all_pages(Server& server, const std::string& path, const std::string& member,
                                          std::size_t limit = 0);

/// One JSON object a line; the exit code.
int print_elements(const std::vector<Json>& elements);
int print_json(const Json& body);
int print_line(const std::string& line);

}  // namespace headwater::cli
