#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_web_token.hpp"
#include "core/time.hpp"

namespace headwater {

/// Rooms that belong together: whose service says who may subscribe, and how its users are known.
struct RoomNamespace {
    std::string name;
    std::string acl_url;                      ///< http(s), without a slash at the end
    std::shared_ptr<const TokenRule> tokens;  ///< null: its users are known by keys alone
    std::string history;                      ///< the ttl of its messages; "" when their type is gone
    std::int64_t version = 1;
    Timestamp created_at;
    Timestamp updated_at;
};

/// All of them at one moment, by name. Immutable.
class RoomNamespaces {
  public:
    RoomNamespaces() = default;
    explicit RoomNamespaces(std::vector<RoomNamespace> all);

    [[nodiscard]] const RoomNamespace* find(std::string_view name) const;  ///< null when unknown
    [[nodiscard]] const std::map<std::string, RoomNamespace, std::less<>>& all() const { return all_; }

  private:
    std::map<std::string, RoomNamespace, std::less<>> all_;
};
using RoomNamespacesPtr = std::shared_ptr<const RoomNamespaces>;

/// The node's copy of what namespaces there are. view() is cheap and may be called from any thread. They are
/// as old as the registry: each change of them moves its generation.
class RoomDirectory {
  public:
    using Load = std::function<std::vector<RoomNamespace>()>;

    explicit RoomDirectory(Load load) : load_(std::move(load)) {}
    [[nodiscard]] RoomNamespacesPtr view() const { return view_.load(std::memory_order_acquire); }
    /// Reads them unless that was done for this generation. Blocks; throws Unavailable.
    void load(std::int64_t generation);

  private:
    const Load load_;
    std::mutex mutex_;
    std::int64_t generation_ = -1;  // guarded by mutex_
    std::atomic<RoomNamespacesPtr> view_{std::make_shared<const RoomNamespaces>()};
};

}  // namespace headwater
