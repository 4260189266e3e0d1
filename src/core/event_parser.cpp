#include "core/event_parser.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/event_handler.hpp"

namespace headwater {
namespace {

Refusal malformed(std::string detail) {
    return {Refusal::Kind::malformed, std::move(detail)};
}

std::optional<Refusal> check_size(std::string_view body, const EventLimits& limits) {
    if (body.empty()) return malformed("The body is empty.");
    if (body.size() > limits.max_body_bytes) {
        return Refusal{Refusal::Kind::too_large,
                       fmt::format("The body has more than {} bytes.", limits.max_body_bytes)};
    }
    return std::nullopt;
}

template <class Draft>
std::expected<SentBody, Refusal> read_events(std::string_view text, SentShape shape,
                                             const EventLimits& limits) {
    EventHandler<Draft> handler(text, shape, limits);
    const auto mistake = json::scan(text, handler);
    if (handler.refusal()) return std::unexpected(std::move(*handler.refusal()));
    if (mistake) return std::unexpected(malformed(json::to_sentence(*mistake)));
    return std::move(handler.body());
}

std::string_view without_line_space(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
}

std::expected<SentBody, Refusal> refuse_if_empty(SentBody body) {
    if (!body.items.empty()) return body;
    return std::unexpected(Refusal{Refusal::Kind::invalid, "The body has no events."});
}

}  // namespace

std::expected<SentBody, Refusal> parse_json_body(std::string_view body, const EventLimits& limits) {
    if (auto refusal = check_size(body, limits)) return std::unexpected(std::move(*refusal));
    auto read = read_events<EventDraft>(body, SentShape::one_or_array, limits);
    return read ? refuse_if_empty(std::move(*read)) : std::move(read);
}

std::expected<SentBody, Refusal> parse_cloud_event_body(std::string_view body, const EventLimits& limits) {
    if (auto refusal = check_size(body, limits)) return std::unexpected(std::move(*refusal));
    return read_events<CloudEventDraft>(body, SentShape::one, limits);
}

std::expected<SentBody, Refusal> parse_cloud_event_batch(std::string_view body, const EventLimits& limits) {
    if (auto refusal = check_size(body, limits)) return std::unexpected(std::move(*refusal));
    auto read = read_events<CloudEventDraft>(body, SentShape::array, limits);
    return read ? refuse_if_empty(std::move(*read)) : std::move(read);
}

std::expected<SentBody, Refusal> parse_ndjson_body(std::string_view body, const EventLimits& limits) {
    if (auto refusal = check_size(body, limits)) return std::unexpected(std::move(*refusal));
    SentBody result{.is_batch = true, .items = {}};
    for (std::size_t begin = 0; begin < body.size();) {
        const auto end = std::min(body.find('\n', begin), body.size());
        const auto line = without_line_space(body.substr(begin, end - begin));
        begin = end + 1;
        if (line.empty()) continue;
        if (result.items.size() == limits.max_batch_events) {
            return std::unexpected(
                Refusal{Refusal::Kind::too_large,
                        fmt::format("The body has more than {} events.", limits.max_batch_events)});
        }
        auto read = read_events<EventDraft>(line, SentShape::one, limits);
        if (read) {
            result.items.push_back(std::move(read->items[0]));
        } else {
            result.items.push_back(std::unexpected(std::move(read.error())));
        }
    }
    return refuse_if_empty(std::move(result));
}

}  // namespace headwater
