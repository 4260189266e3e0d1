#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/http_client.hpp"
#include "tests/support/sockets.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace headwater::testing {

/// What a TLS client offers.
struct TlsOffer {
    std::filesystem::path authority{};  ///< empty: any certificate will do
    std::string min_version{};          ///< "TLSv1.1" and so on; "" leaves it to OpenSSL
    std::string max_version{};
    std::string protocols{};       ///< ALPN, in wire form
    std::size_t max_fragment = 0;  ///< RFC 6066: 512, 1024, 2048 or 4096
};

/// One TLS connection to a server on the loopback, with OpenSSL. Every call gives up after ten seconds
/// without a byte. Not thread-safe.
class TlsClient {
  public:
    /// Connects, and no more.
    explicit TlsClient(std::uint16_t port, const TlsOffer& offer = {});
    ~TlsClient();
    TlsClient(TlsClient&&) noexcept;

    /// False when the server refuses; see failure().
    bool shake_hands();
    [[nodiscard]] const std::string& failure() const { return failure_; }
    /// The common name of the server's certificate, the version, the protocol that ALPN chose.
    [[nodiscard]] std::string server_name() const;
    [[nodiscard]] std::string version() const;
    [[nodiscard]] std::string protocol() const;
    [[nodiscard]] bool is_resumed() const;

    bool send(std::string_view bytes);
    /// Up to the mark, which is taken but not returned.
    [[nodiscard]] std::optional<std::string> read_until(std::string_view mark);
    [[nodiscard]] std::optional<std::string> read_exactly(std::size_t size);
    [[nodiscard]] std::optional<HttpAnswer> read_answer(std::string_view method = "GET");
    [[nodiscard]] HttpAnswer get(std::string_view target);
    /// True when the server says goodbye as TLS wants it; what still comes before is skipped.
    [[nodiscard]] bool sees_goodbye();

    /// The first bytes of a handshake, as they stand on the wire.
    [[nodiscard]] static std::string client_hello();
    [[nodiscard]] const FileDescriptor& socket() const { return socket_; }

  private:
    struct Free {
        void operator()(ssl_ctx_st* context) const;
        void operator()(ssl_st* stream) const;
    };
    bool receive();

    std::unique_ptr<ssl_ctx_st, Free> context_;
    FileDescriptor socket_;
    std::unique_ptr<ssl_st, Free> stream_;
    std::string buffer_;
    std::string failure_;
};

}  // namespace headwater::testing
