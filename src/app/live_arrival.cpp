#include "app/live_arrival.hpp"

#include <string>
#include <utility>

namespace headwater::app {
namespace {

/// What the HTTP server had read of the next bytes when it handed the connection on.
std::string early_bytes(const rest::LiveConnection& connection) {
    const auto data = connection.buffer.data();
    return {static_cast<const char*>(data.data()), data.size()};
}

}  // namespace

ws::Arrival to_arrival(rest::LiveConnection connection) {
    return {.connection = std::move(connection.connection),
            .request = std::move(connection.request),
            .live = std::move(connection.live),
            .request_id = std::move(connection.request_id),
            .head_fields = std::move(connection.head_fields),
            .early = early_bytes(connection),
            .place = std::move(connection.place)};
}

}  // namespace headwater::app
