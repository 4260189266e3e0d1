#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "transport/executor.hpp"
#include "transport/tls_stream.hpp"

namespace headwater::transport {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

/// The call would have had to wait: come again when the connection is ready.
[[nodiscard]] inline bool is_blocked(const boost::system::error_code& ec) {
    return ec == boost::asio::error::would_block || ec == boost::asio::error::try_again;
}

/// One accepted connection of the public port, plain or TLS. Whoever serves it owns it and moves it on;
/// everything happens on the thread of its io_context. No call waits: each does what is possible now and says
/// is_blocked() when that is nothing, async_wait_… tells when to come again.
class Connection {
  public:
    explicit Connection(Socket socket);

    /// What the peer's first byte, which has come and stays unread, begins.
    enum class Opening { tls, plain, nothing };
    [[nodiscard]] Opening opening();
    /// From here on TLS is spoken. Then call shake_hands() until it is true, or `ec` says that it never will.
    void start_tls(const TlsContext& context);
    bool shake_hands(boost::system::error_code& ec);
    [[nodiscard]] bool is_secure() const { return tls_ != nullptr; }

    /// How many bytes came; `ec` says why none did, at the end of the stream too.
    std::size_t read_some(std::span<char> space, boost::system::error_code& ec);
    /// How many bytes of the runs were taken, in order; with none, `ec` says why. TLS may keep up to a record
    /// of them: see has_unsent().
    std::size_t write_some(std::span<const boost::asio::const_buffer> runs, boost::system::error_code& ec);

    /// Something was taken and is not passed to the kernel yet: write_some, without runs if there are none,
    /// once the connection is writable.
    [[nodiscard]] bool has_unsent() const { return tls_ != nullptr && tls_->has_unsent(); }

    /// Once read_some has said that it is blocked: TLS may hold bytes for which the socket is not readable.
    template <class Token>
    auto async_wait_readable(Token&& token) {
        return socket_.async_wait(read_direction(), std::forward<Token>(token));
    }
    template <class Token>
    auto async_wait_writable(Token&& token) {
        return socket_.async_wait(Socket::wait_write, std::forward<Token>(token));
    }
    /// The waits end with an error.
    void cancel();

    /// Says that nothing more comes from this side. Nothing is unsent.
    void shutdown_send();
    void close();

    /// For options of the socket, and what comes on it as it stands on the wire.
    [[nodiscard]] Socket& socket() { return socket_; }

  private:
    [[nodiscard]] Socket::wait_type read_direction() const {
        return tls_ != nullptr && tls_->waits_to_write() ? Socket::wait_write : Socket::wait_read;
    }

    Socket socket_;
    std::unique_ptr<TlsStream> tls_;  ///< null when the connection is plain
};

}  // namespace headwater::transport
