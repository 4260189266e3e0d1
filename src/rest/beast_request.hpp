#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "rest/request_parser.hpp"

namespace headwater::rest {

/// The request's line and header as Beast holds them, for the live server.
[[nodiscard]] boost::beast::http::request<boost::beast::http::string_body> to_beast_request(
    const RawRequest& raw);

}  // namespace headwater::rest
