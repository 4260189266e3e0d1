#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/key_store.hpp"
#include "core/key_view.hpp"

namespace headwater {

/// The node's copy of all good keys. view() is for any thread, generation() tells cheaply whether it has
/// changed; refresh() reads the database and belongs on a thread that may block. Listeners are told, on the
/// thread that refreshed, whenever something that was open may have to end: a key was revoked, rotated, has
/// expired, or keys are needed from now on. Add them before another thread refreshes.
class KeyRing {
  public:
    struct Options {
        bool may_open = true;               ///< false: keys are asked for even while they are not enforced
        std::optional<RequestRate> rate{};  ///< of keys that have none of their own
    };
    using Listener = std::function<void(const KeyView&)>;

    /// Guarded, without any key, until the first refresh.
    KeyRing(KeyStore& store, const Clock& clock, Options options);
    void add_listener(Listener listener) { listeners_.push_back(std::move(listener)); }

    [[nodiscard]] KeyViewPtr view() const { return view_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

    /// Loads anew if the stored version is another one. Throws Unavailable.
    void refresh();
    /// Ends what has expired; needs no database.
    void expire();
    /// Stores when keys were last used, those that were since the last time. Throws Unavailable.
    void save_uses();

  private:
    [[nodiscard]] std::vector<KeyView::Entry> entries_of(const KeySet& keys);
    [[nodiscard]] KeyView::Entry entry_of(const StoredKey& stored, const Sha256& hash, bool is_current);
    void publish(KeyViewPtr next);
    void tell(const KeyView& current) const;

    KeyStore& store_;
    const Clock& clock_;
    const Options options_;
    std::vector<Listener> listeners_;
    std::mutex refreshing_;
    std::optional<std::int64_t> version_;                   // guarded by refreshing_
    std::map<KeyId, std::shared_ptr<KeyMeter>> meters_;     // guarded by refreshing_
    std::map<KeyId, std::chrono::sys_seconds> saved_uses_;  // guarded by refreshing_
    std::atomic<KeyViewPtr> view_;
    std::atomic<std::uint64_t> generation_{0};
};

/// One thread's way to the ring: follows it without a lock or a shared counter on the way.
class KeyRingReader {
  public:
    explicit KeyRingReader(const KeyRing& ring) : ring_(ring) {}
    [[nodiscard]] const KeyView& view() {
        if (const std::uint64_t now = ring_.generation(); now != generation_ || !view_) {
            generation_ = now;
            view_ = ring_.view();
        }
        return *view_;
    }

  private:
    const KeyRing& ring_;
    std::uint64_t generation_ = 0;
    KeyViewPtr view_;
};

}  // namespace headwater
