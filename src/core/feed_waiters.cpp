#include "core/feed_waiters.hpp"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

/// The batch's events by type, ephemeral ones (which no feed shows) left out.
std::map<std::string_view, std::vector<const Event*>> by_type(const std::vector<EventPtr>& events) {
    std::map<std::string_view, std::vector<const Event*>> sorted;
    for (const EventPtr& event : events) {
        if (!event->is_ephemeral) sorted[event->type].push_back(event.get());
    }
    return sorted;
}

bool is_wanted(const FeedWaiters::Interest& interest, const Event& event) {
    return event.id > interest.after && (!interest.subject || interest.subject == event.subject);
}

}  // namespace

FeedWaiters::Waiter::Waiter(FeedWaiters& owner, Interest interest)
    : owner_(owner), interest_(std::move(interest)), group_(interest_.types.to_text()) {}

FeedWaiters::Waiter::~Waiter() {
    owner_.leave(*this);
}

void FeedWaiters::Waiter::wait(Completion done) {
    {
        const std::lock_guard lock(mutex_);
        if (!is_awake_) {
            done_ = std::move(done);
            return;
        }
        is_awake_ = false;
    }
    done();
}

void FeedWaiters::Waiter::wake() {
    Completion done;
    {
        const std::lock_guard lock(mutex_);
        if (!done_) {
            is_awake_ = true;
            return;
        }
        done = std::exchange(done_, nullptr);
    }
    done();
}

std::shared_ptr<FeedWaiters::Waiter> FeedWaiters::join(Interest interest) {
    if (count_.fetch_add(1) >= most_) {
        count_.fetch_sub(1);
        return nullptr;
    }
    auto waiter = std::make_shared<Waiter>(*this, std::move(interest));
    {
        const std::lock_guard lock(mutex_);
        Group& group = groups_[waiter->group_];
        group.types = waiter->interest_.types;
        group.waiters.emplace(waiter.get(), waiter);
    }
    if (waiter->is_over()) waiter->wake();
    return waiter;
}

void FeedWaiters::leave(Waiter& waiter) {
    const std::lock_guard lock(mutex_);
    const auto group = groups_.find(waiter.group_);
    group->second.waiters.erase(&waiter);
    if (group->second.waiters.empty()) groups_.erase(group);
    count_.fetch_sub(1);
}

void FeedWaiters::on_events(const EventBatch& events) {
    if (count_.load() == 0) return;
    for (const auto& waiter : find_matching(*events)) waiter->wake();
}

std::vector<std::shared_ptr<FeedWaiters::Waiter>> FeedWaiters::find_matching(
    const std::vector<EventPtr>& events) {
    const auto types = by_type(events);
    std::vector<std::shared_ptr<Waiter>> found;
    const std::lock_guard lock(mutex_);
    for (const auto& [text, group] : groups_) {
        std::vector<const Event*> matching;
        for (const auto& [type, of_type] : types) {
            if (group.types.matches(type)) matching.insert(matching.end(), of_type.begin(), of_type.end());
        }
        for (const auto& [waiter, weak] : group.waiters) {
            const auto is_meant = [&](const Event* event) { return is_wanted(waiter->interest_, *event); };
            if (!std::ranges::any_of(matching, is_meant)) continue;
            // Nothing when it is just leaving. References go outside of the lock, which leave() takes.
            if (auto one = weak.lock()) found.push_back(std::move(one));
        }
    }
    return found;
}

void FeedWaiters::stop() {
    is_stopped_.store(true, std::memory_order_release);
    wake_all();
}

void FeedWaiters::wake_all() {
    std::vector<std::shared_ptr<Waiter>> all;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [text, group] : groups_) {
            for (const auto& [address, weak] : group.waiters) {
                if (auto waiter = weak.lock()) all.push_back(std::move(waiter));
            }
        }
    }
    for (const auto& waiter : all) waiter->wake();
}

}  // namespace headwater
