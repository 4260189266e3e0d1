#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <string>

#include "core/connection_limits.hpp"
#include "core/live_request.hpp"

namespace headwater::rest {

/// A connection whose request asks for live events, on its way to ws::LiveServer. The handshake or the
/// response head has not been written yet. The socket's executor is the io_context that owns the connection.
struct LiveConnection {
    boost::asio::ip::tcp::socket socket;
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
