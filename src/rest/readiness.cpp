#include "rest/readiness.hpp"

#include "rest/json_object.hpp"

namespace headwater::rest {

Response readiness_response(const Readiness& readiness) {
    Response response;
    response.status = readiness.is_ready() ? 200 : 503;
    JsonObject object(response.body);
    object.text("status", readiness.is_ready() ? "ready" : "not-ready");
    if (!readiness.is_ready()) {
        std::string& out = object.begin("reasons");
        out += '[';
        for (const std::string& complaint : readiness.complaints) {
            if (out.back() != '[') out += ',';
            append_json_string(out, complaint);
        }
        out += ']';
    }
    object.end();
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace headwater::rest
