#include "cli/paged.hpp"

#include "cli/terminal/terminal.hpp"

namespace headwater::cli {

std::vector<Json> all_pages(Server& server, const std::string& path, const std::string& member,
                            std::size_t limit) {
    std::vector<Json> all;
    std::string address = path;
    while (!address.empty() && (limit == 0 || all.size() < limit)) {
        const Json page = server.get(address);
        const std::vector<Json> elements = page[member].elements();
        all.insert(all.end(), elements.begin(), elements.end());
        const Json links = page["links"];
        address = link_of(links, "next");
        if (address.empty()) address = link_of(links, "more");
    }
    if (limit > 0 && all.size() > limit) all.resize(limit);
    return all;
}

int print_elements(const std::vector<Json>& elements) {
    for (const Json& element : elements) {
        if (!write_output(element.compact() + "\n")) return kFailure;
    }
    return kSuccess;
}

int print_json(const Json& body) {
    return write_output(body.compact() + "\n") ? kSuccess : kFailure;
}

int print_line(const std::string& line) {
    return write_output(line + "\n") ? kSuccess : kFailure;
}

}  // namespace headwater::cli
