// What a session does only where the port speaks TLS.
#include <boost/asio/redirect_error.hpp>

#include "rest/problem.hpp"
#include "rest/session.hpp"

namespace headwater::rest {

namespace asio = boost::asio;
using boost::system::error_code;

Awaitable<bool> Session::shake_hands() {
    enter(Phase::handshake, worker_->options().handshake_timeout);
    error_code ec;
    co_await connection_.async_wait_readable(asio::redirect_error(kAwait, ec));
    if (ec || !is_open_) co_return false;
    const auto opening = connection_.opening();
    is_plain_by_mistake_ = opening == transport::Connection::Opening::plain;
    if (opening != transport::Connection::Opening::tls) co_return is_plain_by_mistake_;
    connection_.start_tls(*worker_->options().tls->current());
    while (!connection_.shake_hands(ec)) {
        if (!transport::is_blocked(ec)) co_return false;
        co_await connection_.async_wait_readable(asio::redirect_error(kAwait, ec));
        if (ec || !is_open_) co_return false;
    }
    co_return true;
}

Awaitable<std::size_t> Session::read_some_tls(std::size_t bytes, error_code& ec) {
    const auto space = buffer_.prepare(bytes);
    for (;;) {
        const std::size_t got = connection_.read_some({static_cast<char*>(space.data()), space.size()}, ec);
        if (!transport::is_blocked(ec)) co_return got;
        co_await connection_.async_wait_readable(asio::redirect_error(kAwait, ec));
        if (ec || !is_open_) co_return 0;
    }
}

Response Session::https_required() const {
    Response response = problem_response(HttpError::https_required, "This port speaks HTTPS.", request_id_);
    response.must_close = true;
    return response;
}

}  // namespace headwater::rest
