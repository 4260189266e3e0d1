#pragma once

#include "rest/request_context.hpp"
#include "rest/response.hpp"

namespace headwater::rest {

/// What is done to every answer, whatever its handler: conditional requests (ETag -> 304), CORS. Gzip comes
/// after it.
void finish_response(const RequestContext& request, Response& response);

/// True when this answer is to be compressed for this client; it then only remains to call
/// compress_response().
[[nodiscard]] bool should_compress(const RequestContext& request, const Response& response);
void compress_response(Response& response);

/// An Origin header against the list that was configured.
[[nodiscard]] bool is_allowed_origin(const ServerOptions& options, std::string_view origin);

/// A strong entity tag of these bytes, with its quotes.
[[nodiscard]] std::string entity_tag_of(std::string_view bytes);
/// The tag of the same content in gzip.
[[nodiscard]] std::string gzip_entity_tag(std::string_view tag);
/// RFC 9110 section 13.1: `list` is an If-None-Match or If-Match value. The tag of the gzip form and
/// the plain one match each other.
[[nodiscard]] bool matches_entity_tag(std::string_view list, std::string_view tag);

}  // namespace headwater::rest
