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

std::string_view RequestContext::credential() const {
    if (const auto token = bearer_token(headers_); !token.empty()) return token;
    for (const std::string_view name : {"X-Auth-Token", "x-api-key"}) {
        if (const auto key = headers_.find(name); key && !key->empty()) return *key;
    }
    return query.find("access_token").value_or("");
}

}  // namespace headwater::rest
