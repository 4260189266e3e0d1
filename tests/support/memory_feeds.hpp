#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/feed.hpp"
#include "core/type_filter.hpp"

namespace headwater::testing {

/// Feeds over events that a test gives it, and who has processed them. Thread-safe.
class MemoryFeeds final : public FeedReader, public AckStore {
  public:
    void add(EventPtr event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }

    FeedPage page(const FeedQuery& query) override {
        const std::lock_guard lock(mutex_);
        FeedPage page;
        const auto visit = [&](const EventPtr& event) {
            const bool is_processed = !query.client.empty() && processed_[query.client].contains(event->id);
            if (!is_inside(query, *event) || (is_processed && !query.include_processed)) return;
            if (page.entries.size() == query.limit) {
                page.has_more = true;
                return;
            }
            page.entries.push_back({event, is_processed});
            page.first_expiry = std::min(page.first_expiry.value_or(Timestamp::max()), event->expires_at);
        };
        if (query.order == FeedOrder::asc) {
            std::ranges::for_each(events_, visit);
        } else {
            std::for_each(events_.rbegin(), events_.rend(), visit);
        }
        return page;
    }

    FeedNeighbours neighbours(const FeedQuery& query, const FeedOutlook& outlook) override {
        const std::lock_guard lock(mutex_);
        FeedNeighbours found;
        for (const EventPtr& event : events_) {
            const FeedLandmark mark{event->created_at, event->expires_at};
            if (!found.oldest) found.oldest = mark;
            if (!query.visible_types().matches(event->type)) continue;
            if (event->created_at < query.from) found.older = mark;
            if (outlook.with_newer && event->created_at >= query.to && !found.newer) found.newer = mark;
        }
        return found;
    }

    void apply(std::span<const Acknowledgement* const> acknowledgements) override {
        const std::lock_guard lock(mutex_);
        for (const Acknowledgement* one : acknowledgements) {
            auto& ids = processed_[one->client];
            ids.insert(one->ids.begin(), one->ids.end());
            for (const EventPtr& event : events_) {
                const bool is_meant = one->through && event->id <= *one->through;
                if (is_meant && (one->all_types || one->types.matches(event->type))) ids.insert(event->id);
            }
        }
    }

    bool forget(std::string_view client) override {
        const std::lock_guard lock(mutex_);
        return processed_.erase(std::string(client)) > 0;
    }

  private:
    static bool is_inside(const FeedQuery& query, const Event& event) {
        if (event.created_at < query.from || event.created_at >= query.to) return false;
        if (query.after && event.id <= *query.after) return false;
        if (query.before && event.id >= *query.before) return false;
        return query.visible_types().matches(event.type) &&
               (!query.subject || query.subject == event.subject);
    }

    std::mutex mutex_;
    std::vector<EventPtr> events_;                        // guarded by mutex_
    std::map<std::string, std::set<EventId>> processed_;  // guarded by mutex_
};

}  // namespace headwater::testing
