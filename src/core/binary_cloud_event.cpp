#include <optional>
#include <utility>

#include "core/base64.hpp"
#include "core/cloud_event_draft.hpp"
#include "core/event_parser.hpp"
#include "core/json_text.hpp"

namespace headwater {
namespace {

using Member = CloudEventDraft::Member;

std::string_view without_space(std::string_view json) {
    const auto begin = json.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string_view{}
                                           : json.substr(begin, json.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// What is no JSON, though its media type says so, is a mistake of the whole request.
std::optional<Refusal> set_data(CloudEventDraft& draft, std::string_view media_type, std::string_view data) {
    if (data.empty()) return std::nullopt;
    if (!is_json_media_type(media_type)) {
        draft.begin_member("data_base64");
        draft.set_base64(to_base64(data));
        return std::nullopt;
    }
    if (const auto checked = check_json(data, EventLimits::kMaxDepth); !checked)
        return Refusal{Refusal::Kind::malformed, checked.error()};
    draft.set_raw(draft.begin_member("data"), without_space(data));
    return std::nullopt;
}

}  // namespace

std::expected<SentBody, Refusal> parse_binary_cloud_event(const BinaryCloudEvent& event,
                                                          const EventLimits& limits) {
    CloudEventDraft draft(limits.max_event_bytes);
    std::string_view media_type = "application/json";
    for (const auto& [name, value] : event.attributes) {
        if (name == "datacontenttype") media_type = value;
        draft.set_text(draft.begin_member(name), value);
    }
    if (auto refusal = set_data(draft, media_type, event.data)) return std::unexpected(std::move(*refusal));
    SentBody body;
    body.items.push_back(std::move(draft).finish());
    return body;
}

}  // namespace headwater
