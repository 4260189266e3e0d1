#include "rest/finishing.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "rest/compression.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kGzipSuffix = "-gzip\"";

/// A tag of either form without its last quote.
std::string_view without_gzip_suffix(std::string_view tag) {
    if (tag.ends_with(kGzipSuffix)) return tag.substr(0, tag.size() - kGzipSuffix.size());
    return tag.ends_with('"') ? tag.substr(0, tag.size() - 1) : tag;
}

void add_vary(Response& response, std::string_view name) {
    for (Response::Field& field : response.headers) {
        if (field.first != "Vary") continue;
        if (!has_token(field.second, name)) field.second.append(", ").append(name);
        return;
    }
    response.set("Vary", std::string(name));
}

/// What was read with a key may not be given to somebody without it by a cache in between.
void apply_privacy(const RequestContext& request, Response& response) {
    const bool is_read = request.method == Method::get || request.method == Method::head;
    if (!is_read || request.caller().key() == KeyId{}) return;
    for (Response::Field& field : response.headers) {
        constexpr std::string_view kPublic = "public,";
        if (field.first == "Cache-Control" && field.second.starts_with(kPublic))
            field.second.replace(0, kPublic.size(), "private,");
    }
    for (const std::string_view name : {"Authorization", "X-Auth-Token", "x-api-key"})
        add_vary(response, name);
}

void apply_condition(const RequestContext& request, Response& response) {
    const bool is_read = request.method == Method::get || request.method == Method::head;
    if (!is_read || response.status != 200) return;
    const std::string* tag = response.find("ETag");
    if (tag == nullptr) return;
    add_vary(response, "Accept-Encoding");
    if (request.headers().count("If-None-Match") == 0) return;
    tag = response.find("ETag");
    if (!matches_entity_tag(request.headers().joined("If-None-Match"), *tag)) return;
    response.status = 304;
    response.body.clear();
    response.content_type = {};
}

void apply_cors(const RequestContext& request, Response& response) {
    if (request.options().cors_origins.empty()) return;
    add_vary(response, "Origin");
    const auto origin = request.headers().find("Origin");
    if (!origin || !is_allowed_origin(request.options(), *origin)) return;
    response.set("Access-Control-Allow-Origin", std::string(*origin));
    response.set("Access-Control-Expose-Headers",
                 "ETag, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id");
    if (request.method != Method::options || request.headers().count("Access-Control-Request-Method") == 0)
        return;
    if (const std::string* allow = response.find("Allow"))
        response.set("Access-Control-Allow-Methods", *allow);
    response.set(
        "Access-Control-Allow-Headers",
        "Accept, Authorization, Content-Encoding, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
        "Last-Event-ID, X-Auth-Token, x-api-key");
    response.set("Access-Control-Max-Age", "600");
}

}  // namespace

void finish_response(const RequestContext& request, Response& response) {
    apply_privacy(request, response);
    if (!response.takeover) apply_condition(request, response);
    apply_cors(request, response);
}

bool should_compress(const RequestContext& request, const Response& response) {
    return is_worth_compressing(response.body.size()) && response.find("Content-Encoding") == nullptr &&
           accepts_gzip(request.headers());
}

void compress_response(Response& response) {
    response.body = gzip(response.body);
    response.set("Content-Encoding", "gzip");
    add_vary(response, "Accept-Encoding");
    for (Response::Field& field : response.headers) {
        if (field.first == "ETag") field.second = gzip_entity_tag(field.second);
    }
}

bool is_allowed_origin(const ServerOptions& options, std::string_view origin) {
    return std::ranges::any_of(options.cors_origins, [&](const std::string& allowed) {
        return allowed == "*" || allowed == origin;
    });
}

std::string entity_tag_of(std::string_view bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    std::string tag = "\"";
    for (std::size_t i = 0; i < 16; ++i) {
        tag.push_back(kHex[digest[i] >> 4]);
        tag.push_back(kHex[digest[i] & 15]);
    }
    return tag + '"';
}

std::string gzip_entity_tag(std::string_view tag) {
    return std::string(without_gzip_suffix(tag)).append(kGzipSuffix);
}

bool matches_entity_tag(std::string_view list, std::string_view tag) {
    if (trim(list) == "*") return true;
    const std::string_view wanted = without_gzip_suffix(tag);
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view candidate = trim(list.substr(0, comma));
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        if (without_gzip_suffix(candidate) == wanted) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

}  // namespace headwater::rest
