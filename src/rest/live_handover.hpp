#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <string>

#include "core/connection_limits.hpp"
#include "core/live_request.hpp"
#include "transport/connection.hpp"

namespace headwater::rest {

/// A connection whose request asks for live events, on its way to ws::LiveServer. The handshake or the
/// response head has not been written yet. Its executor is that of the io_context that
/// owns it.
struct LiveConnection {
    transport::Connection connection;
    boost::beast::http::request<boost::beast::http::string_body> request;
    boost::beast::flat_buffer buffer;  ///< what was read behind the request
    LiveRequest live;
    std::string request_id;
    std::string head_fields;  ///< lines of the answer's head that this layer decides: Date, CORS
    ConnectionLimits::Place place;
};

/// Where live connections go. Called on the connection's io thread.
struct LiveHandover {
    std::function<void(LiveConnection)> websocket;
    std::function<void(LiveConnection)> event_stream;
};

}  // namespace headwater::rest
