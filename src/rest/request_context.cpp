#include "rest/request_context.hpp"

#include <algorithm>
#include <cassert>

namespace headwater::rest {

const std::string* RequestContext::find_path(std::string_view name) const {
    const auto found = std::ranges::find(path_parameters, name, [](const auto& p) { return p.first; });
    return found == path_parameters.end() ? nullptr : &found->second;
}

const std::string& RequestContext::path(std::string_view name) const {
    const std::string* found = find_path(name);
    assert(found != nullptr);
    return *found;
}

}  // namespace headwater::rest
