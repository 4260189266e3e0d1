#include "rest/feed_query.hpp"

#include <algorithm>
#include <utility>

#include "rest/client_name.hpp"
#include "rest/paging.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

using Kind = Refusal::Kind;

std::expected<FeedOrder, Refusal> parse_order(const RequestContext& request) {
    const std::string_view text = request.query.find("order").value_or("desc");
    if (text == "desc") return FeedOrder::desc;
    if (text == "asc") return FeedOrder::asc;
    return refuse(Kind::malformed, "'order' must be 'desc' or 'asc'.");
}

std::expected<bool, Refusal> parse_processed(const RequestContext& request) {
    const auto text = request.query.find("processed");
    if (text && *text != "include") return refuse(Kind::malformed, "'processed' can only be 'include'.");
    return text.has_value();
}

}  // namespace

std::expected<TypeFilter, Refusal> parse_types(const RequestContext& request) {
    auto types = TypeFilter::parse(request.query.find("types").value_or(""));
    if (!types) return refuse(Kind::malformed, std::move(types.error()));
    return std::move(*types);
}

std::optional<std::string> parse_subject(const RequestContext& request) {
    const auto text = request.query.find("subject");
    return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::expected<std::string, Refusal> parse_client(const RequestContext& request) {
    const auto found =
        std::ranges::find(request.path_parameters, "client", [](const auto& p) { return p.first; });
    if (found == request.path_parameters.end()) return std::string();
    if (!is_client_name(found->second)) {
        return refuse(Kind::malformed, "A client's name is 1 to 100 characters of [A-Za-z0-9_.:@-].");
    }
    return found->second;
}

std::expected<std::chrono::seconds, Refusal> parse_wait(const RequestContext& request) {
    const auto text = request.query.find("wait");
    if (!text) return std::chrono::seconds{0};
    const auto seconds = parse_id<EventId>(*text);
    if (seconds && seconds->value <= 60) return std::chrono::seconds{seconds->value};
    return refuse(Kind::malformed, "'wait' must be a number of seconds from 0 to 60.");
}

std::expected<FeedQuery, Refusal> parse_feed_query(const RequestContext& request) {
    auto types = parse_types(request);
    if (!types) return std::unexpected(std::move(types.error()));
    auto client = parse_client(request);
    if (!client) return std::unexpected(std::move(client.error()));
    auto limit = read_limit(request.query, kDefaultFeedLimit);
    if (!limit) return std::unexpected(std::move(limit.error()));
    auto order = parse_order(request);
    if (!order) return std::unexpected(std::move(order.error()));
    auto after = read_event_id(request.query, "after");
    if (!after) return std::unexpected(std::move(after.error()));
    auto before = read_event_id(request.query, "before");
    if (!before) return std::unexpected(std::move(before.error()));
    auto processed = parse_processed(request);
    if (!processed) return std::unexpected(std::move(processed.error()));
    const bool include_processed = *processed && !client->empty();
    return FeedQuery{.from = {},
                     .to = {},
                     .types = std::move(*types),
                     .subject = parse_subject(request),
                     .after = *after,
                     .before = *before,
                     .order = *order,
                     .limit = *limit,
                     .client = std::move(*client),
                     .include_processed = include_processed,
                     .readable = request.caller().limit(Scope::read)};
}

}  // namespace headwater::rest
