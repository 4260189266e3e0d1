#include "transport/connection.hpp"

#include <sys/socket.h>

namespace headwater::transport {

using boost::system::error_code;

Connection::Connection(Socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
}

Connection::Opening Connection::opening() {
    constexpr unsigned char kHandshakeRecord = 22;  // RFC 8446 section 5.1
    unsigned char first = 0;
    if (::recv(socket_.native_handle(), &first, 1, MSG_PEEK) != 1) return Opening::nothing;
    return first == kHandshakeRecord ? Opening::tls : Opening::plain;
}

void Connection::start_tls(const TlsContext& context) {
    tls_ = std::make_unique<TlsStream>(context, socket_.native_handle());
}

bool Connection::shake_hands(error_code& ec) {
    return tls_->shake_hands(ec);
}

std::size_t Connection::read_some(std::span<char> space, error_code& ec) {
    if (tls_) return tls_->read_some(space, ec);
    return socket_.read_some(boost::asio::buffer(space.data(), space.size()), ec);
}

std::size_t Connection::write_some(std::span<const boost::asio::const_buffer> runs, error_code& ec) {
    if (tls_) return tls_->write_some(runs, ec);
    return socket_.write_some(runs, ec);
}

void Connection::cancel() {
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::shutdown_send() {
    if (tls_) tls_->say_goodbye();
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void Connection::close() {
    if (tls_) tls_->say_goodbye();
    tls_.reset();  // the descriptor may soon be another connection's
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace headwater::transport
