#include "core/room_acl.hpp"

#include <utility>

namespace headwater {
namespace {

// None of the names holds a control character.
std::string key_of(const std::string& user, const RoomName& room) {
    return room.space + "\n" + room.room + "\n" + user;
}

}  // namespace

std::optional<RoomVerdicts::Entry> RoomVerdicts::find(const RoomQuestion& question) {
    const std::string key = key_of(question.user, question.room);
    const auto now = clock_.steady_now();
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return std::nullopt;
    const Order::iterator known = found->second;
    if (known->until <= now || known->acl_url != question.acl_url) {
        erase(key);
        return std::nullopt;
    }
    order_.splice(order_.begin(), order_, known);
    return known->entry;
}

void RoomVerdicts::add(const RoomQuestion& question, const Entry& entry) {
    if (entry.verdict == RoomVerdict::failed) return;
    const auto until =
        clock_.steady_now() + (entry.verdict == RoomVerdict::allowed ? kAllowedFor : kDeniedFor);
    std::string key = key_of(question.user, question.room);
    const std::lock_guard lock(mutex_);
    erase(key);
    order_.push_front({std::move(key), question.acl_url, entry, until});
    by_key_.emplace(order_.front().key, order_.begin());
    if (order_.size() > max_entries_) erase(std::string(order_.back().key));
}

void RoomVerdicts::forget(const std::string& user, const RoomName& room) {
    const std::lock_guard lock(mutex_);
    erase(key_of(user, room));
}

void RoomVerdicts::erase(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    const Order::iterator known = found->second;
    by_key_.erase(found);
    order_.erase(known);
}

void RoomVerdicts::on_events(const EventBatch& events) {
    for (const EventPtr& event : *events) {
        if (event->type != kRoomAccess) continue;
        const auto change = RoomAccessChange::parse(event->payload());
        if (change && change->kind == RoomAccessChange::Kind::revoked) forget(change->user, change->room);
    }
}

}  // namespace headwater
