#include "rest/request_body.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/json_text.hpp"
#include "rest/compression.hpp"
#include "rest/offload.hpp"
#include "rest/problem.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kMaxSmallBody = 1024 * 1024;
constexpr std::array<std::string_view, 1> kJson{"application/json"};

/// True unless a charset other than UTF-8 is named.
bool is_utf8_charset(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::size_t semicolon = std::min(parameters.find(';'), parameters.size());
        const std::string_view parameter = trim(parameters.substr(0, semicolon));
        parameters.remove_prefix(std::min(semicolon + 1, parameters.size()));
        if (parameter.size() < 8 || !equals_ignoring_case(parameter.substr(0, 8), "charset=")) continue;
        std::string_view charset = parameter.substr(8);
        if (charset.size() >= 2 && charset.front() == '"') charset = charset.substr(1, charset.size() - 2);
        return equals_ignoring_case(charset, "utf-8") || equals_ignoring_case(charset, "us-ascii");
    }
    return true;
}

std::optional<std::string_view> media_type_of(const Headers& headers,
                                              std::span<const std::string_view> types) {
    const auto header = headers.find("Content-Type");
    if (!header) return types.front();
    const std::size_t semicolon = std::min(header->find(';'), header->size());
    const std::string_view named = trim(header->substr(0, semicolon));
    const auto found =
        std::ranges::find_if(types, [&](std::string_view t) { return equals_ignoring_case(t, named); });
    if (found == types.end()) return std::nullopt;
    if (semicolon < header->size() && !is_utf8_charset(header->substr(semicolon + 1))) return std::nullopt;
    return *found;
}

std::unexpected<Response> fail(const RequestContext& request, HttpError error, std::string_view detail) {
    return std::unexpected(problem_response(error, detail, request.request_id));
}

Awaitable<std::optional<GunzipError>> inflate_in_place(RequestContext& request, std::size_t max_bytes) {
    std::string& body = request.body();
    auto inflate = [&body, max_bytes]() -> std::optional<GunzipError> {
        auto inflated = gunzip(body, max_bytes);
        if (!inflated) return inflated.error();
        body = std::move(*inflated);
        return std::nullopt;
    };
    if (body.size() <= kMaxInlineBody / 8) co_return inflate();
    co_return co_await offload(request, inflate);
}

}  // namespace

Awaitable<std::expected<std::string_view, Response>> open_body(RequestContext& request,
                                                               std::span<const std::string_view> types,
                                                               std::size_t max_bytes) {
    const auto type = media_type_of(request.headers(), types);
    if (!type) {
        co_return fail(request, HttpError::unsupported_media_type,
                       fmt::format("The body must be {}, in UTF-8.", fmt::join(types, " or ")));
    }
    if (auto opened = co_await open_any_body(request, max_bytes); !opened)
        co_return std::unexpected(std::move(opened.error()));
    co_return *type;
}

Awaitable<std::expected<void, Response>> open_any_body(RequestContext& request, std::size_t max_bytes) {
    const std::string_view encoding = request.headers().find("Content-Encoding").value_or("identity");
    if (equals_ignoring_case(encoding, "identity")) co_return std::expected<void, Response>();
    if (!equals_ignoring_case(encoding, "gzip") && !equals_ignoring_case(encoding, "x-gzip")) {
        auto refused =
            fail(request, HttpError::unsupported_media_type, "The only content encoding taken is gzip.");
        refused.error().set("Accept-Encoding", "gzip");
        co_return refused;
    }
    const std::optional<GunzipError> error = co_await inflate_in_place(request, max_bytes);
    if (!error) co_return std::expected<void, Response>();
    if (*error == GunzipError::malformed) {
        co_return fail(request, HttpError::bad_request, "The body is not whole gzip data.");
    }
    co_return fail(request, HttpError::content_too_large,
                   "The inflated body is larger than this address takes.");
}

Awaitable<std::expected<std::string_view, Response>> open_json_body(RequestContext& request) {
    auto type = co_await open_body(request, kJson, kMaxSmallBody);
    if (!type) co_return type;
    if (const auto checked = check_json(request.body()); !checked) {
        co_return fail(request, HttpError::bad_request, checked.error());
    }
    co_return type;
}

}  // namespace headwater::rest
