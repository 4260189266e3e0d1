#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "transport/tls_context.hpp"

namespace headwater::transport {

/// The certificate that new connections are shown; reload() replaces it while the server runs. Owned by the
/// composition root, outlives the server. Thread-safe.
class TlsIdentity {
  public:
    /// Throws std::runtime_error with one plain sentence when the files cannot be used.
    explicit TlsIdentity(TlsFiles files);

    [[nodiscard]] TlsContextPtr current() const;
    /// Reads the files anew. When they cannot be used the former certificate stays and false is returned; the
    /// log says which it is, and why.
    bool reload();

  private:
    const TlsFiles files_;
    mutable std::mutex mutex_;
    TlsContextPtr current_;
};

}  // namespace headwater::transport
