#include "rest/feed_cache.hpp"

#include <algorithm>
#include <utility>

namespace headwater::rest {
namespace {

// Of the list, the map and the strings besides what they hold.
constexpr std::size_t kEntryBytes = 400;
// No page may push out everything else.
constexpr std::size_t kMaxShare = 4;

}  // namespace

std::optional<FeedDocument> FeedCache::find(const std::string& key, SteadyTime now) {
    if (max_bytes_ == 0) return std::nullopt;
    std::shared_ptr<const FeedDocument> document;
    std::optional<SteadyTime> end;
    {
        const std::lock_guard lock(mutex_);
        const auto known = found_.find(key);
        if (known == found_.end()) return std::nullopt;
        const Entries::iterator entry = known->second;
        if (entry->end && *entry->end <= now) {
            remove(entry);
            return std::nullopt;
        }
        entries_.splice(entries_.begin(), entries_, entry);
        document = entry->document;
        end = entry->end;
    }
    FeedDocument found = *document;
    if (end) found.caching.lifetime = std::chrono::duration_cast<std::chrono::microseconds>(*end - now);
    return found;
}

void FeedCache::keep(const std::string& key, const FeedDocument& document, SteadyTime read) {
    const std::size_t bytes = key.size() + document.body.size() + document.link.size() + kEntryBytes;
    if (!document.caching.is_immutable || bytes > max_bytes_ / kMaxShare) return;
    Entry entry{key, std::make_shared<const FeedDocument>(document), std::nullopt, bytes};
    if (const auto lifetime = document.caching.lifetime) entry.end = read + *lifetime;
    const std::lock_guard lock(mutex_);
    if (found_.contains(key)) return;  // somebody else was faster
    entries_.push_front(std::move(entry));
    found_.emplace(entries_.front().key, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > max_bytes_) remove(std::prev(entries_.end()));
}

std::size_t FeedCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

void FeedCache::remove(Entries::iterator entry) {
    bytes_ -= entry->bytes;
    found_.erase(entry->key);
    entries_.erase(entry);
}

}  // namespace headwater::rest
