#include "ws/live_server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <thread>

#include "ws/inbox_session.hpp"
#include "ws/room_feed_session.hpp"
#include "ws/session_shard.hpp"
#include "ws/sse_session.hpp"
#include "ws/websocket_session.hpp"

namespace headwater::ws {
namespace {

namespace asio = boost::asio;

/// A few hundred bytes: whoever has no room for them has not read its earlier answers.
void answer_and_close(transport::Connection connection, std::string_view text) {
    const asio::const_buffer run(text.data(), text.size());
    boost::system::error_code ignored;
    connection.write_some({&run, 1}, ignored);
    connection.shutdown_send();
}

}  // namespace

LiveServer::LiveServer(std::vector<asio::io_context*> contexts, LiveHub& hub, Metrics& metrics,
                       const Options& options, const LoadRooms& load_rooms)
    : options_(options) {
    for (asio::io_context* context : contexts) {
        LiveShard& live = hub.add_shard([context](auto work) { asio::post(*context, std::move(work)); });
        threads_.push_back({context, std::make_shared<SessionShard>(*context, live, options_, metrics,
                                                                    connections_, load_rooms)});
    }
}

LiveServer::~LiveServer() = default;

SessionShard& LiveServer::shard_of(transport::Connection& connection) {
    auto executor = connection.socket().get_executor();
    const asio::execution_context* owner = &executor.context();
    const auto found =
        std::ranges::find_if(threads_, [&](const Thread& thread) { return thread.context == owner; });
    assert(found != threads_.end());
    return *found->shard;
}

void LiveServer::accept_websocket(Arrival arrival) {
    if (std::string refusal = refuse_handshake(arrival.request); !refusal.empty()) {
        return answer_and_close(std::move(arrival.connection), refusal);
    }
    const std::string head = accept_handshake(arrival.request, arrival.request_id, arrival.head_fields);
    SessionShard& shard = shard_of(arrival.connection);
    shard.accept<WebSocketSession>(std::move(arrival), head);
}

void LiveServer::accept_event_stream(Arrival arrival) {
    const std::string head = event_stream_head(arrival.request_id, arrival.head_fields);
    SessionShard& shard = shard_of(arrival.connection);
    if (arrival.live.rooms) return shard.accept<RoomFeedSession>(std::move(arrival), head);
    if (arrival.live.inbox) return shard.accept<InboxSession>(std::move(arrival), head);
    shard.accept<SseSession>(std::move(arrival), head);
}

void LiveServer::stop(std::chrono::steady_clock::time_point deadline) {
    for (const Thread& thread : threads_)
        asio::post(*thread.context, [shard = thread.shard] { shard->stop(); });
    const bool are_gone = wait_until_empty(deadline);
    for (const Thread& thread : threads_)
        asio::post(*thread.context, [shard = thread.shard] { shard->close_all(); });
    if (!are_gone) (void)wait_until_empty(std::chrono::steady_clock::now() + std::chrono::seconds(1));
}

void LiveServer::end_unwelcome(bool is_server_open) {
    for (const Thread& thread : threads_)
        asio::post(*thread.context,
                   [shard = thread.shard, is_server_open] { shard->end_unwelcome(is_server_open); });
}

bool LiveServer::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
    while (connections_ > 0) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace headwater::ws
