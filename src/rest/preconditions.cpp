#include "rest/preconditions.hpp"

#include <fmt/format.h>

#include "core/ids.hpp"

namespace headwater::rest {

std::string version_tag(std::int64_t version) {
    return fmt::format("\"{}\"", version);
}

std::optional<std::int64_t> if_match_of(const Headers& headers) {
    const auto header = headers.find("If-Match");
    if (!header) return std::nullopt;
    std::string_view tag = trim(*header);
    if (tag == "*") return 0;
    if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return -1;
    tag = tag.substr(1, tag.size() - 2);
    if (tag.ends_with("-gzip")) tag.remove_suffix(5);
    const auto version = parse_id<EventId>(tag);
    return version ? version->value : -1;
}

}  // namespace headwater::rest
