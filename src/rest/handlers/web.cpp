#include "rest/web_files.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "rest/compression.hpp"
#include "rest/finishing.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/refusals.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {
namespace {

/// Scripts, styles and requests of our own and nothing else; 'self' includes the WebSocket of the same
/// origin.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

constexpr std::pair<std::string_view, std::string_view> kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".woff2", "font/woff2"},
};

std::string_view media_type_of(std::string_view path) {
    const auto known =
        std::ranges::find_if(kMediaTypes, [&](const auto& entry) { return path.ends_with(entry.first); });
    return known == std::end(kMediaTypes) ? "application/octet-stream" : known->second;
}

struct TaggedFile {
    const WebFile* file = nullptr;
    std::string tag;
};

/// Every file by its path, with its entity tag.
const std::map<std::string_view, TaggedFile>& files() {
    static const auto made = [] {
        std::map<std::string_view, TaggedFile> all;
        for (const WebFile& file : kWebFiles) all[file.path] = {&file, entity_tag_of(file.plain)};
        return all;
    }();
    return made;
}

Response file_response(const RequestContext& request, const TaggedFile& known, std::string_view caching) {
    const WebFile& file = *known.file;
    Response response;
    response.content_type = media_type_of(file.path);
    const bool is_gzip = !file.gzip.empty() && accepts_gzip(request.headers());
    response.body = is_gzip ? file.gzip : file.plain;
    response.set("ETag", is_gzip ? gzip_entity_tag(known.tag) : known.tag);
    response.set("Vary", "Accept-Encoding");
    if (is_gzip) response.set("Content-Encoding", "gzip");
    response.set("Cache-Control", std::string(caching));
    response.set("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace

Awaitable<HandlerResult> get_home(RequestContext& request) {
    Response response = file_response(request, files().at("index.html"), "no-cache");
    response.set("Content-Security-Policy", std::string(kPolicy));
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cross-Origin-Opener-Policy", "same-origin");
    co_return response;
}

/// Their names hold a hash of what is in them.
Awaitable<HandlerResult> get_asset(RequestContext& request) {
    const auto known = files().find("assets/" + request.path("file"));
    if (known == files().end()) co_return refuse(Refusal::Kind::not_found, "There is no such file.");
    co_return file_response(request, known->second, "public, max-age=31536000, immutable");
}

}  // namespace headwater::rest
