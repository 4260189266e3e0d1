#include "rest/links.hpp"

#include "core/json_text.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {

void Links::append_json(std::string& out) const {
    out += '[';
    const auto append = [&out](const auto& link, std::string_view more) {
        if (out.back() != '[') out += ',';
        out.append(R"({"rel":")").append(link.first).append(R"(","href":)");
        append_json_string(out, link.second);
        out.append(more).append("}");
    };
    for (const auto& link : links_) append(link, "");
    for (const auto& link : templates_) append(link, R"(,"templated":true)");
    out += ']';
}

std::string Links::to_header() const {
    std::string out;
    for (const auto& [relation, href] : links_) {
        if (!out.empty()) out += ", ";
        out.append("<").append(href).append(">; rel=\"").append(relation).append("\"");
    }
    return out;
}

std::string event_address(const RequestContext& request, EventId id) {
    return request.base_url + "/api/events/" + to_string(id);
}

std::string type_address(const RequestContext& request, std::string_view type) {
    return request.base_url + "/api/events/register/" + encode_segment(type);
}

std::string stream_address(const RequestContext& request, StreamId id) {
    return request.base_url + "/api/streams/" + to_string(id);
}

}  // namespace headwater::rest
