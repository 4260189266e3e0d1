#include <span>

#include "core/embedded_file.hpp"
#include "rest/finishing.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/openapi.hpp"

namespace headwater::rest {

extern const std::span<const headwater::EmbeddedFile> kOpenapi;

std::string_view openapi_text() {
    return kOpenapi.front().text;
}

Awaitable<HandlerResult> get_openapi(RequestContext&) {
    Response response;
    response.content_type = "application/yaml";
    response.body = openapi_text();
    static const std::string tag = entity_tag_of(openapi_text());
    response.set("ETag", tag);
    response.set("Cache-Control", "no-cache");
    co_return response;
}

}  // namespace headwater::rest
