#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "transport/tls_context.hpp"

namespace headwater::transport {

/// The server's side of TLS on a non-blocking socket, which OpenSSL reads and writes itself. Its connection
/// owns it; one thread's. Outcomes are those of Connection. The process ignores SIGPIPE.
class TlsStream {
  public:
    TlsStream(const TlsContext& context, int descriptor);

    /// True when it is done; else `ec` says why not (yet).
    bool shake_hands(boost::system::error_code& ec);
    std::size_t read_some(std::span<char> space, boost::system::error_code& ec);
    /// Many small runs become one record. At most one record is kept that the socket has not taken whole:
    /// those bytes count as taken, and has_unsent() is true until a later call, possibly without runs, has
    /// written them.
    std::size_t write_some(std::span<const boost::asio::const_buffer> runs, boost::system::error_code& ec);

    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }
    /// What blocked reading, or the handshake, was that the socket took no more bytes.
    [[nodiscard]] bool waits_to_write() const { return waits_to_write_; }
    /// The close_notify by which the peer knows that nothing was cut off; once, when it can still be written.
    void say_goodbye();

  private:
    struct Free {
        void operator()(ssl_st* stream) const;
    };

    [[nodiscard]] boost::system::error_code outcome_of(int result);
    [[nodiscard]] boost::system::error_code write_record(std::string_view record);

    std::unique_ptr<ssl_st, Free> stream_;
    std::string unsent_;
    bool waits_to_write_ = false;
    bool is_broken_ = false;
};

}  // namespace headwater::transport
