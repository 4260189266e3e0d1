#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace headwater::transport {

/// Where a server's certificate chain, its own certificate first, and the key to it stand (PEM).
struct TlsFiles {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// What new TLS connections begin with: a certificate and its key, TLS 1.2 and 1.3, ciphers with forward
/// secrecy, HTTP/1.1 by ALPN, session tickets and no session cache. Immutable, thread-safe; connections that
/// were made of it may outlive it.
class TlsContext {
  public:
    /// Reads the files; fails with a plain sentence for each mistake.
    [[nodiscard]] static std::expected<std::shared_ptr<const TlsContext>, std::vector<std::string>> load(
        const TlsFiles& files);

    [[nodiscard]] std::chrono::system_clock::time_point valid_from() const { return valid_from_; }
    [[nodiscard]] std::chrono::system_clock::time_point valid_until() const { return valid_until_; }

    /// A server's side of a connection; the caller frees it. Throws std::bad_alloc.
    [[nodiscard]] ssl_st* new_connection() const;

  private:
    struct Free {
        void operator()(ssl_ctx_st* context) const;
    };
    using Context = std::unique_ptr<ssl_ctx_st, Free>;

    explicit TlsContext(Context context);

    Context context_;
    std::chrono::system_clock::time_point valid_from_;
    std::chrono::system_clock::time_point valid_until_;
};

using TlsContextPtr = std::shared_ptr<const TlsContext>;

}  // namespace headwater::transport
