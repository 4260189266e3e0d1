#include "rest/sent_body.hpp"

#include <array>
#include <optional>
#include <utility>

#include "rest/cloud_event_headers.hpp"
#include "rest/offload.hpp"
#include "rest/problem.hpp"
#include "rest/request_body.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kNdjson = "application/x-ndjson";
constexpr std::string_view kCloudEvent = "application/cloudevents+json";
constexpr std::string_view kCloudEvents = "application/cloudevents-batch+json";
constexpr std::array<std::string_view, 4> kMediaTypes{kJson, kNdjson, kCloudEvent, kCloudEvents};

using Parsed = std::expected<SentBody, Refusal>;

Parsed parse(std::string_view media_type, std::string_view body, const EventLimits& limits) {
    if (media_type == kNdjson) return parse_ndjson_body(body, limits);
    if (media_type == kCloudEvent) return parse_cloud_event_body(body, limits);
    if (media_type == kCloudEvents) return parse_cloud_event_batch(body, limits);
    return parse_json_body(body, limits);
}

template <class Work>
Awaitable<Parsed> run(RequestContext& request, Work work) {
    if (request.body().size() <= kMaxInlineBody) co_return work();
    co_return co_await offload(request, std::move(work));
}

Awaitable<std::expected<SentBody, Response>> answered(RequestContext& request, Awaitable<Parsed> reading) {
    Parsed parsed = co_await std::move(reading);
    if (!parsed) co_return std::unexpected(problem_response(parsed.error(), request.request_id));
    co_return std::move(*parsed);
}

Awaitable<Parsed> read_binary(RequestContext& request) {
    auto attributes = read_cloud_event_headers(request.headers());
    if (!attributes) co_return std::unexpected(std::move(attributes.error()));
    const BinaryCloudEvent event{std::move(*attributes), request.body()};
    co_return co_await run(request,
                           [&] { return parse_binary_cloud_event(event, request.options().limits); });
}

}  // namespace

Awaitable<std::expected<SentBody, Response>> read_sent_body(RequestContext& request) {
    const std::size_t most = request.options().limits.max_body_bytes;
    if (is_binary_cloud_event(request.headers())) {
        if (auto opened = co_await open_any_body(request, most); !opened)
            co_return std::unexpected(std::move(opened.error()));
        co_return co_await answered(request, read_binary(request));
    }
    const auto media_type = co_await open_body(request, kMediaTypes, most);
    if (!media_type) co_return std::unexpected(media_type.error());
    auto work = [&request, type = *media_type] {
        return parse(type, request.body(), request.options().limits);
    };
    co_return co_await answered(request, run(request, work));
}

}  // namespace headwater::rest
