#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "rest/feed_answer.hpp"

namespace headwater::rest {

/// Closed feed pages as they went out, so that reading one again costs no query. Bounded in bytes; the one
/// that was not read for the longest time goes first, and each goes when the first event that shaped it
/// expires. Thread-safe.
class FeedCache {
  public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    /// 0 bytes: keeps nothing.
    explicit FeedCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// The page, with what is left of its lifetime.
    [[nodiscard]] std::optional<FeedDocument> find(const std::string& key, SteadyTime now);
    /// Keeps a page that is immutable and not too large. Its lifetime began at `read`.
    void keep(const std::string& key, const FeedDocument& document, SteadyTime read);

    [[nodiscard]] std::size_t bytes() const;

  private:
    struct Entry {
        std::string key;
        std::shared_ptr<const FeedDocument> document;
        std::optional<SteadyTime> end;
        std::size_t bytes = 0;
    };
    using Entries = std::list<Entry>;
    void remove(Entries::iterator entry);

    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    Entries entries_;                                                // guarded by mutex_; latest read first
    std::unordered_map<std::string_view, Entries::iterator> found_;  // guarded by mutex_
    std::size_t bytes_ = 0;                                          // guarded by mutex_
};

}  // namespace headwater::rest
