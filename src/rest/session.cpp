#include "rest/session.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "core/log.hpp"
#include "core/metrics.hpp"
#include "rest/answer.hpp"
#include "rest/beast_request.hpp"
#include "rest/gate.hpp"
#include "rest/live_handover.hpp"
#include "rest/parse_problem.hpp"
#include "rest/problem.hpp"

namespace headwater::rest {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kHeaderRead = 4 * 1024;
constexpr std::size_t kBodyRead = 32 * 1024;
constexpr std::size_t kMaxBuffered = 64 * 1024;
constexpr std::size_t kKeptBuffer = 16 * 1024;
constexpr std::size_t kMaxLingering = 16 * 1024 * 1024;
constexpr std::chrono::seconds kLingerTime{3};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view bytes_of(const boost::beast::flat_buffer& buffer) {
    return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

}  // namespace

Session::Session(transport::Connection connection, std::shared_ptr<Worker> worker, Peer peer,
                 ConnectionLimits::Place place)
    : connection_(std::move(connection)),
      worker_(std::move(worker)),
      peer_(peer),
      place_(std::move(place)),
      held_(worker_->surroundings().held_bytes) {
    worker_->connections().add();
}

Session::~Session() {
    worker_->leave(*this);
    worker_->connections().remove();
}

Awaitable<void> Session::run() {
    const auto self = shared_from_this();
    worker_->join(*this);
    if (worker_->options().tls && !co_await shake_hands()) co_return close();
    while (is_open_ && co_await serve_one()) forget_large_buffers();
    if (is_open_ && has_unread_input_) co_await linger();
    close();
}

Awaitable<bool> Session::serve_one() {
    RequestParser parser(raw_);
    request_id_ = worker_->next_request_id();
    if (!co_await read_header(parser)) co_return false;
    RequestContext context(worker_->surroundings(), worker_->mailbox(), raw_.headers, raw_.body);
    context.request_id = request_id_;
    co_return co_await serve(parser, context);
}

Awaitable<bool> Session::serve(RequestParser& parser, RequestContext& context) {
    Reception reception = receive(worker_->router(), raw_, peer_, context);
    if (is_plain_by_mistake_) reception.answer = https_required();
    if (!reception.answer && parser.declared_length() > reception.max_body) {
        reception.answer = parse_problem_response(ParseError::body_too_large, request_id_);
    }
    if (reception.route != nullptr && !reception.answer) {
        context.client_address = client_address();
        reception.answer = gate().admit(*reception.route, context, worker_->keys());
    }
    turn_away(reception, context);
    const std::string_view route = reception.route != nullptr ? reception.route->name : kNoRoute;
    if (!reception.answer) {
        parser.set_max_body(reception.max_body);
        if (reception.wants_continue && !parser.is_complete() && buffer_.size() == 0) {
            if (!co_await write_all(kContinue)) co_return false;
        }
        if (!co_await read_body(parser)) co_return false;
        enter(Phase::handling, std::chrono::milliseconds::max());
        reception.answer = co_await answer(*reception.route, context);
        gate().settle(*reception.route, context, *reception.answer);
    }
    Response& response = *reception.answer;
    co_await finish(context, response);
    record(route, response.status);
    if (response.takeover) {
        hand_over(response);
        co_return false;
    }
    has_unread_input_ = !parser.is_complete();
    const bool keep_alive = parser.wants_keep_alive() && parser.is_complete() && !response.must_close &&
                            !worker_->is_draining() && !place_.is_one_too_many();
    if (!co_await write_response(response, keep_alive)) co_return false;
    co_return keep_alive;
}

Awaitable<bool> Session::read_header(RequestParser& parser) {
    enter(buffer_.size() == 0 ? Phase::idle : Phase::header,
          buffer_.size() == 0 ? worker_->options().idle_timeout : worker_->options().header_timeout);
    for (;;) {
        while (buffer_.size() > 0 && raw_.method.empty() &&
               (bytes_of(buffer_)[0] == '\r' || bytes_of(buffer_)[0] == '\n')) {
            buffer_.consume(1);  // RFC 9112 section 2.2: empty lines before a request
        }
        if (buffer_.size() > 0) {
            if (phase_ == Phase::idle) enter(Phase::header, worker_->options().header_timeout);
            started_ = std::chrono::steady_clock::now();
            const RequestParser::Progress progress = feed(parser);
            if (progress == RequestParser::Progress::failed) co_return co_await refuse(parser.error());
            if (parser.has_header()) co_return true;
            if (buffer_.size() >= kMaxBuffered) co_return co_await refuse(ParseError::headers_too_large);
        } else if (worker_->is_draining()) {
            co_return false;
        }
        if (!co_await read_some(kHeaderRead)) {
            const bool is_late = has_timed_out_ && buffer_.size() > 0;
            if (!is_late) co_return false;
            co_return co_await refuse_late("The header did not arrive in time.");
        }
    }
}

Awaitable<bool> Session::read_body(RequestParser& parser) {
    if (parser.is_complete()) co_return true;
    enter(Phase::body, worker_->options().body_timeout);
    for (;;) {
        while (buffer_.size() > 0 && !parser.is_complete()) {
            const std::size_t before = buffer_.size();
            const RequestParser::Progress progress = feed(parser);
            if (progress == RequestParser::Progress::failed) co_return co_await refuse(parser.error());
            if (buffer_.size() == before) break;
        }
        if (parser.is_complete()) co_return true;
        if (buffer_.size() >= kMaxBuffered) co_return co_await refuse(ParseError::syntax);
        if (!count_held()) co_return co_await refuse_crowded();
        if (co_await read_some(kBodyRead)) continue;
        if (!has_timed_out_) co_return false;
        co_return co_await refuse_late("The body did not arrive in time.");
    }
}

RequestParser::Progress Session::feed(RequestParser& parser) {
    std::size_t consumed = 0;
    const RequestParser::Progress progress = parser.feed(bytes_of(buffer_), consumed);
    buffer_.consume(consumed);
    return progress;
}

Awaitable<bool> Session::read_some(std::size_t bytes) {
    error_code ec;
    std::size_t got = 0;
    if (connection_.is_secure()) {
        got = co_await read_some_tls(bytes, ec);
    } else {
        got = co_await connection_.socket().async_read_some(buffer_.prepare(bytes),
                                                            asio::redirect_error(kAwait, ec));
    }
    buffer_.commit(got);
    co_return !ec && got > 0 && is_open_;
}

Gate& Session::gate() const {
    return worker_->surroundings().gate;
}

std::optional<RemoteAddress> Session::client_address() const {
    if (!peer_.is_trusted_proxy) return peer_.address;
    return worker_->proxies().client_in(raw_.headers.joined("X-Forwarded-For"));
}

Awaitable<bool> Session::write_response(const Response& response, bool keep_alive) {
    out_.clear();
    append_response(out_, response,
                    {.date = worker_->date(),
                     .request_id = request_id_,
                     .is_head = raw_.method == "HEAD",
                     .will_close = !keep_alive,
                     .is_http10 = raw_.version < 11});
    co_return co_await write_all(out_);
}

/// Mostly the socket takes everything at once, without a round through the reactor.
Awaitable<bool> Session::write_all(std::string_view bytes) {
    for (;;) {
        error_code ec;
        const asio::const_buffer run(bytes.data(), bytes.size());
        bytes.remove_prefix(connection_.write_some({&run, 1}, ec));
        if (bytes.empty() && !connection_.has_unsent()) co_return true;
        if (!ec && !connection_.has_unsent()) continue;
        if (ec && !transport::is_blocked(ec)) co_return false;
        if (!count_held()) co_return false;
        if (phase_ != Phase::writing) enter(Phase::writing, worker_->options().write_timeout);
        co_await connection_.async_wait_writable(asio::redirect_error(kAwait, ec));
        if (ec || !is_open_) co_return false;
    }
}

/// RFC 9112 section 9.6: closing with unread input would reset the connection and take the answer with it.
Awaitable<void> Session::linger() {
    connection_.shutdown_send();
    enter(Phase::lingering, kLingerTime);
    std::array<char, 4096> forgotten;
    std::size_t total = 0;
    error_code ec;
    while (!ec && is_open_ && total < kMaxLingering) {
        total += co_await connection_.socket().async_read_some(asio::buffer(forgotten),
                                                               asio::redirect_error(kAwait, ec));
    }
}

void Session::hand_over(Response& response) {
    LiveTakeover& takeover = *response.takeover;
    if (peer_.is_trusted_proxy) {
        if (const auto client = client_address()) place_.count_for(*client);
    }
    const LiveHandover& live = worker_->surroundings().services.live;
    const auto& target =
        takeover.protocol == LiveTakeover::Protocol::websocket ? live.websocket : live.event_stream;
    LiveConnection connection{std::move(connection_),
                              to_beast_request(raw_),
                              std::move(buffer_),
                              std::move(takeover.request),
                              request_id_,
                              head_fields_of(response, worker_->date()),
                              std::move(place_)};
    is_open_ = false;
    target(std::move(connection));
}

void Session::on_deadline() {
    deadline_ = SteadyTime::max();
    if (phase_ != Phase::header && phase_ != Phase::body) return close();
    has_timed_out_ = true;
    connection_.cancel();
}

void Session::close_if_idle() {
    if (phase_ == Phase::idle || phase_ == Phase::handshake) close();
}

void Session::close() {
    if (!is_open_) return;
    is_open_ = false;
    connection_.close();
}

void Session::enter(Phase phase, std::chrono::milliseconds limit) {
    phase_ = phase;
    deadline_ = limit == std::chrono::milliseconds::max() ? SteadyTime::max()
                                                          : std::chrono::steady_clock::now() + limit;
}

void Session::record(std::string_view route, int status) {
    const auto duration = std::chrono::steady_clock::now() - started_;
    worker_->surroundings().services.metrics.http_request(route, status, duration);
    if (!log::is_enabled(log::Level::debug)) return;
    log::debug("request.answered", {{"route", route},
                                    {"method", raw_.method},
                                    {"target", redact_target(raw_.target)},
                                    {"status", status},
                                    {"request", request_id_}});
}

bool Session::count_held() {
    return held_.resize(raw_.body.capacity() + out_.capacity());
}

void Session::forget_large_buffers() {
    if (raw_.body.capacity() > kKeptBuffer) raw_.body = {};
    if (out_.capacity() > kKeptBuffer) out_ = {};
    if (buffer_.size() == 0 && buffer_.capacity() > kKeptBuffer) buffer_ = {};
    held_.clear();
}

}  // namespace headwater::rest
