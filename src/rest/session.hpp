#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/byte_budget.hpp"
#include "rest/asio.hpp"
#include "rest/request_parser.hpp"
#include "rest/response.hpp"
#include "rest/worker.hpp"
#include "transport/connection.hpp"

namespace headwater::rest {

/// One HTTP connection: reads requests one after the other (pipelined ones too), answers them in order. It
/// keeps itself alive while run() runs; everything happens on its worker's thread. Memory is bounded: 64 KiB
/// of input besides the one request in hand and its answer, which share a budget with those of the others
/// while the client keeps us waiting.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(transport::Connection connection, std::shared_ptr<Worker> worker, Peer peer,
            ConnectionLimits::Place place);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] Awaitable<void> run();

    using SteadyTime = std::chrono::steady_clock::time_point;
    [[nodiscard]] bool is_late(SteadyTime now) const { return now >= deadline_; }
    void on_deadline();
    void close_if_idle();
    void close();

  private:
    static constexpr std::string_view kNoRoute = "none";  ///< in metrics

    enum class Phase { handshake, idle, header, body, handling, writing, lingering };

    /// TLS first, where the port speaks it. False ends the connection, here and in all below.
    Awaitable<bool> shake_hands();
    /// True when the connection may carry another request.
    Awaitable<bool> serve_one();
    Awaitable<bool> serve(RequestParser& parser, RequestContext& context);
    Awaitable<bool> read_header(RequestParser& parser);
    Awaitable<bool> read_body(RequestParser& parser);
    Awaitable<bool> read_some(std::size_t bytes);
    Awaitable<std::size_t> read_some_tls(std::size_t bytes, boost::system::error_code& ec);
    /// Beyond the limits only those are heard whose answer must not be an error: a live client is told in its
    /// own protocol.
    void turn_away(Reception& reception, const RequestContext& context) const;
    [[nodiscard]] Response https_required() const;
    Awaitable<bool> refuse(Response response);
    Awaitable<bool> refuse(ParseError error);
    Awaitable<bool> refuse_late(std::string_view detail);
    Awaitable<bool> refuse_crowded();
    Awaitable<bool> write_response(const Response& response, bool keep_alive);
    Awaitable<bool> write_all(std::string_view bytes);
    Awaitable<void> linger();
    RequestParser::Progress feed(RequestParser& parser);
    /// What is held now counts in the budget of all connections; false when that is used up.
    [[nodiscard]] bool count_held();
    [[nodiscard]] Gate& gate() const;
    [[nodiscard]] std::optional<RemoteAddress> client_address() const;
    void hand_over(Response& response);
    void forget_large_buffers();
    void enter(Phase phase, std::chrono::milliseconds limit);
    void record(std::string_view route, int status);

    transport::Connection connection_;
    std::shared_ptr<Worker> worker_;
    Peer peer_;
    ConnectionLimits::Place place_;
    Phase phase_ = Phase::idle;
    SteadyTime deadline_ = SteadyTime::max();
    SteadyTime started_{};
    bool has_timed_out_ = false;
    bool is_open_ = true;
    bool is_plain_by_mistake_ = false;  ///< HTTP came where TLS is spoken
    bool has_unread_input_ = false;     ///< close gently, or the reset would overtake the answer
    boost::beast::flat_buffer buffer_;
    RawRequest raw_;
    std::string request_id_;
    std::string out_;
    ByteBudget::Share held_;
};

}  // namespace headwater::rest
