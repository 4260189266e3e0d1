#include "tests/support/live_server_fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>

namespace headwater::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

/// One connection until its request is read.
struct Arrival : std::enable_shared_from_this<Arrival> {
    Arrival(ws::LiveServer& s, transport::Socket accepted, ConnectionLimits::Place taken)
        : server(s), socket(std::move(accepted)), place(std::move(taken)) {}

    void read() {
        http::async_read(socket, buffer, request,
                         [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                             if (!error) self->hand_on();
                         });
    }
    void hand_on() {
        LiveRequest live;
        live.types = TypeFilter::parse(std::string(request["X-Types"])).value();
        if (!request["X-Since"].empty())
            live.since = parse_id<Position>(std::string_view(request["X-Since"]));
        live.is_named = !request["X-Named"].empty();
        const bool is_websocket = !request[http::field::upgrade].empty();
        const auto accept =
            is_websocket ? &ws::LiveServer::accept_websocket : &ws::LiveServer::accept_event_stream;
        (server.*accept)({.connection = transport::Connection(std::move(socket)),
                          .request = std::move(request),
                          .live = std::move(live),
                          .request_id = "req-1",
                          .head_fields = "X-Further: field\r\n",
                          .early = {},
                          .place = std::move(place)});
    }

    ws::LiveServer& server;
    transport::Socket socket;
    ConnectionLimits::Place place;
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
};

std::vector<asio::io_context*> pointers_to(std::deque<asio::io_context>& contexts) {
    std::vector<asio::io_context*> pointers;
    for (auto& context : contexts) pointers.push_back(&context);
    return pointers;
}

}  // namespace

struct LiveServerFixture::Door {
    Door(std::deque<asio::io_context>& all, ws::LiveServer& s, ConnectionLimits& l)
        : contexts(all),
          server(s),
          limits(l),
          acceptor(all[0], tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        for (auto& context : all) guards.emplace_back(context.get_executor());
        accept();
    }
    void accept() {
        auto& context = contexts[next++ % contexts.size()];
        accepted.emplace(context);
        acceptor.async_accept(*accepted, [this](const boost::system::error_code& error) {
            if (error) return;
            const auto executor = accepted->get_executor();
            auto arrival = std::make_shared<Arrival>(server, std::move(*accepted), limits.take(std::nullopt));
            asio::post(executor, [arrival] { arrival->read(); });
            accept();
        });
    }

    std::deque<asio::io_context>& contexts;
    ws::LiveServer& server;
    ConnectionLimits& limits;
    tcp::acceptor acceptor;
    std::optional<transport::Socket> accepted;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards;
    std::size_t next = 0;
};

LiveServerFixture::LiveServerFixture(const ws::LiveOptions& options, const LiveHub::Options& hub_options,
                                     const ConnectionLimits::Bounds& bounds)
    : limits(bounds),
      hub(log, pool, horizon, clock, metrics, hub_options),
      server(pointers_to(contexts_), hub, metrics, options),
      door_(std::make_unique<Door>(contexts_, server, limits)) {
    hub.begin_at(Position{});
    port = door_->acceptor.local_endpoint().port();
    for (auto& context : contexts_) threads_.emplace_back([&context] { context.run(); });
}

LiveServerFixture::~LiveServerFixture() {
    server.stop(std::chrono::steady_clock::now());
    pool.stop();
    for (auto& context : contexts_) context.stop();
    threads_.clear();
}

EventPtr LiveServerFixture::emit(const std::string& type, const std::string& payload, bool is_ephemeral) {
    EventPtr event = log.add(type, payload, is_ephemeral);
    hub.on_events(std::make_shared<const std::vector<EventPtr>>(1, event), event->id);
    return event;
}

RawWebSocket::RawWebSocket(std::uint16_t port, const HttpHeaders& headers, std::chrono::milliseconds patience)
    : socket_(connect_to(port)), reader_(socket_.get(), patience) {
    std::string request =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
    (void)send_all(socket_, request + "\r\n");
    if (auto head = reader_.read_head()) head_ = std::move(*head);
}

bool RawWebSocket::send_frame(unsigned first_byte, const std::string& payload) {
    std::string frame(1, static_cast<char>(first_byte));
    const std::size_t size = payload.size();
    const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
    frame += static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
    for (int i = length_bytes - 1; i >= 0; --i) frame += static_cast<char>(size >> (8 * i) & 0xff);
    const std::string mask = "\x01\x02\x03\x04";
    frame += mask;
    for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    return send_all(socket_, frame);
}

std::optional<RawWebSocket::Frame> RawWebSocket::read_frame() {
    const auto header = reader_.read_exactly(2);
    if (!header) return std::nullopt;
    std::uint64_t length = static_cast<unsigned char>((*header)[1]);
    if (length >= 126) {
        const auto bytes = reader_.read_exactly(length == 126 ? 2 : 8);
        if (!bytes) return std::nullopt;
        length = 0;
        for (const char byte : *bytes) length = length << 8 | static_cast<unsigned char>(byte);
    }
    auto payload = reader_.read_exactly(length);
    if (!payload) return std::nullopt;
    return Frame{static_cast<unsigned char>((*header)[0]) & 0x0fU, std::move(*payload)};
}

std::string RawWebSocket::read_text() {
    while (auto frame = read_frame()) {
        if (frame->opcode == kText) return frame->payload;
        if (frame->opcode == kClose) break;
    }
    return "";
}

unsigned RawWebSocket::read_close() {
    while (auto frame = read_frame()) {
        if (frame->opcode != kClose) continue;
        if (frame->payload.size() < 2) return 1005;
        close_reason_ = frame->payload.substr(2);
        return static_cast<unsigned>(static_cast<unsigned char>(frame->payload[0])) << 8 |
               static_cast<unsigned char>(frame->payload[1]);
    }
    return 0;
}

}  // namespace headwater::testing
