#include "core/room_feed.hpp"

#include <utility>

#include "core/json_text.hpp"
#include "core/room_message.hpp"

namespace headwater {
namespace {

// More are not named in a read of the log: the reader looks for itself.
constexpr std::size_t kMaxSubjects = 2'000;

LiveFilter place_of(const std::string& type, const std::string& room) {
    return LiveFilter(TypeFilter::from_list({type}).value(), room);
}

}  // namespace

bool RoomAudience::admits(const Event& event, const std::string& user_json) {
    if (event.id != event_) {
        event_ = event.id;
        users_.clear();
        const auto message = RoomMessage::read(event);
        is_for_all_ = message && !message->has_acl();
        if (message) {
            for (const std::string_view user : message->users()) users_.emplace(user);
        }
    }
    return is_for_all_ || users_.contains(user_json);
}

RoomFeed::RoomFeed(RoomReader reader, RoomAudience& audience)
    : reader_(std::move(reader)), user_json_(to_json_string(reader_.user)), audience_(audience) {}

void RoomFeed::load(const std::vector<RoomName>& rooms) {
    for (const RoomName& name : rooms) {
        if (reader_.may_read(name.space)) rooms_[room_type(name.space)].insert(name.room);
    }
    is_loaded_ = true;
    const Listener nobody{[](const LiveFilter&) {}, [](const LiveFilter&) {}};
    for (const RoomAccessChange& change : std::exchange(early_, {})) apply(change, nobody);
}

void RoomFeed::apply(const RoomAccessChange& change, const Listener& listener) {
    if (!is_loaded_) {
        early_.push_back(change);
        return;
    }
    const std::string type = room_type(change.room.space);
    switch (change.kind) {
        case RoomAccessChange::Kind::subscribed:
            if (!reader_.may_read(change.room.space)) return;
            if (rooms_[type].insert(change.room.room).second)
                listener.added(place_of(type, change.room.room));
            return;
        case RoomAccessChange::Kind::unsubscribed:
        case RoomAccessChange::Kind::revoked:
            if (const auto found = rooms_.find(type); found != rooms_.end()) {
                if (found->second.erase(change.room.room) > 0)
                    listener.removed(place_of(type, change.room.room));
                if (found->second.empty()) rooms_.erase(found);
            }
            return;
        case RoomAccessChange::Kind::removed:
            remove_namespace(type, listener);
    }
}

void RoomFeed::remove_namespace(const std::string& type, const Listener& listener) {
    const auto found = rooms_.find(type);
    if (found == rooms_.end()) return;
    const Rooms gone = std::move(found->second);
    rooms_.erase(found);
    for (const std::string& room : gone) listener.removed(place_of(type, room));
}

bool RoomFeed::matches(const Event& event) const {
    if (!event.subject) return false;
    const auto found = rooms_.find(event.type);
    return found != rooms_.end() && found->second.contains(*event.subject) && admits(event);
}

bool RoomFeed::admits(const Event& event) const {
    return audience_.admits(event, user_json_);
}

void RoomFeed::for_each_place(const std::function<void(const LiveFilter&)>& visit) const {
    for (const auto& [type, rooms] : rooms_) {
        for (const std::string& room : rooms) visit(place_of(type, room));
    }
}

LiveFilter RoomFeed::to_filter() const {
    std::vector<std::string> types, subjects;
    std::size_t count = 0;
    for (const auto& [type, rooms] : rooms_) {
        types.push_back(type);
        count += rooms.size();
    }
    if (count > kMaxSubjects) return LiveFilter::of_subjects(types, {});
    std::unordered_set<std::string_view> distinct;
    for (const auto& [type, rooms] : rooms_) {
        for (const std::string& room : rooms) distinct.emplace(room);
    }
    for (const std::string_view room : distinct) subjects.emplace_back(room);
    return LiveFilter::of_subjects(types, std::move(subjects));
}

}  // namespace headwater
