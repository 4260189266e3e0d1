#pragma once

#include "app/options.hpp"
#include "core/key_ring.hpp"

namespace headwater::app {

/// The ring of a node, loaded. Made before anything listens.
class NodeKeys {
  public:
    /// Throws Unavailable, and std::runtime_error with one sentence when the server would be open to other
    /// machines without having been told so.
    NodeKeys(KeyStore& store, const Clock& clock, const ServeOptions& options);

    [[nodiscard]] KeyRing& ring() { return ring_; }

  private:
    KeyRing ring_;
};

}  // namespace headwater::app
