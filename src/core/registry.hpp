#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/registry_store.hpp"

namespace headwater {

/// One consistent picture of what is registered, with an index by name. Immutable.
class RegistryView {
  public:
    explicit RegistryView(RegistrySnapshot snapshot);

    [[nodiscard]] std::int64_t generation() const { return snapshot_.generation; }
    [[nodiscard]] EventTypePtr find_type(std::string_view name) const;  ///< null when it is not registered
    [[nodiscard]] const std::vector<EventTypePtr>& types() const {
        return snapshot_.types;
    }  ///< sorted by name
    [[nodiscard]] const std::vector<Stream>& streams() const { return snapshot_.streams; }
    [[nodiscard]] std::vector<const Stream*> streams_of(
        std::string_view type) const;                            ///< owned by the type, by id
    [[nodiscard]] const Stream* find_stream(StreamId id) const;  ///< null when unknown

  private:
    RegistrySnapshot snapshot_;
    std::unordered_map<std::string_view, std::size_t> types_by_name_;
};
using RegistryViewPtr = std::shared_ptr<const RegistryView>;

/// The node's copy of what is registered. view() is cheap and may be called from any thread; refresh() reads
/// the database and belongs on a reader thread. Listeners are told of each new view, in order, on the thread
/// that refreshed; add them before the first refresh.
class Registry {
  public:
    using Listener = std::function<void(const RegistryViewPtr&)>;

    explicit Registry(RegistryStore& store);
    void add_listener(Listener listener) { listeners_.push_back(std::move(listener)); }

    [[nodiscard]] RegistryViewPtr view() const { return view_.load(std::memory_order_acquire); }
    /// Loads anew if the stored generation is another one. Throws Unavailable.
    RegistryViewPtr refresh();

  private:
    RegistryStore& store_;
    std::vector<Listener> listeners_;
    std::mutex refreshing_;
    std::atomic<RegistryViewPtr> view_;
};

}  // namespace headwater
