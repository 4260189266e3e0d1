#include "rest/request_context.hpp"

#include <algorithm>
#include <cassert>

namespace headwater::rest {

const std::string& RequestContext::path(std::string_view name) const {
    const auto found = std::ranges::find(path_parameters, name, [](const auto& p) { return p.first; });
    assert(found != path_parameters.end());
    return found->second;
}

}  // namespace headwater::rest
