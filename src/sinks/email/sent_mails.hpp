#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "core/delivery_store.hpp"
#include "core/event.hpp"

namespace headwater::sinks {

/// Which recipients of an event have their mail already, while others of it have not: so that a further
/// attempt writes only to those. In memory, for the newest events that were delivered in part; events that
/// failed bring it along in their rows too (DeliveryResult::progress), over restarts and from node to node.
/// What is forgotten otherwise is mailed again under the same Message-ID. Thread-safe.
class SentMails {
  public:
    struct Key {
        StreamId stream;
        EventId event;
        ReplayId replay;
        friend auto operator<=>(const Key&, const Key&) = default;
    };

    [[nodiscard]] std::set<std::string> of(const Key& key) const;
    void add(const Key& key, const std::string& recipient);
    /// Everybody has it: nothing to remember any more.
    void forget(const Key& key);

  private:
    static constexpr std::size_t kMaxEvents = 10'000;

    mutable std::mutex mutex_;
    std::map<Key, std::set<std::string>> sent_;  // guarded by mutex_
    std::deque<Key> order_;                      // guarded by mutex_; the oldest first, forgotten ones too
};

}  // namespace headwater::sinks
