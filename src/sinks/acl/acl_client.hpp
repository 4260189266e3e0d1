#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/room_acl.hpp"

namespace headwater::sinks {

template <class Transfer>
class CurlClient;
class AclTransfer;

/// Asks the services of namespaces over HTTP: one thread and one pool of connections for all. The same
/// addresses are refused as for webhooks.
class AclClient final : public RoomAuthority {
  public:
    /// `allow`: networks (CIDR) that may be reached although they are private. Throws std::invalid_argument
    /// for a bad one.
    explicit AclClient(const std::vector<std::string>& allow);
    ~AclClient() override;

    void ask(RoomQuestion question, Answer done) override;

  private:
    std::unique_ptr<CurlClient<AclTransfer>> client_;
};

}  // namespace headwater::sinks
