#include "core/live_index.hpp"

namespace headwater {
namespace {

std::string group_key(const LiveFilter& filter, const LiveEncoder* encoder, LiveGroup::Kind kind) {
    return std::to_string(reinterpret_cast<std::uintptr_t>(encoder)) +
           (kind == LiveGroup::Kind::place ? "+\n" : "\n") + filter.key();
}

}  // namespace

LiveIndex::Place LiveIndex::add(LiveSubscription& subscription, const LiveFilter& filter,
                                const LiveEncoder& encoder, LiveGroup::Kind kind) {
    auto& group = groups_[group_key(filter, &encoder, kind)];
    if (!group) {
        group = std::make_unique<LiveGroup>(LiveGroup{filter, &encoder, kind, {}, {}});
        for (auto& [type, route] : routes_) {
            if (filter.matches_type(type)) route.groups_for(filter).push_back(group.get());
        }
    }
    group->members.push_back(&subscription);
    return {group.get(), group->members.size() - 1};
}

LiveGroup* LiveIndex::find(const LiveFilter& filter, const LiveEncoder& encoder, LiveGroup::Kind kind) const {
    const auto found = groups_.find(group_key(filter, &encoder, kind));
    return found == groups_.end() ? nullptr : found->second.get();
}

LiveSubscription* LiveIndex::remove(const Place& place) {
    auto& members = place.group->members;
    LiveSubscription* moved = place.index + 1 < members.size() ? members.back() : nullptr;
    members[place.index] = members.back();
    members.pop_back();
    if (members.empty()) remove_group(*place.group);
    return moved;
}

void LiveIndex::remove_group(LiveGroup& group) {
    for (auto& [type, route] : routes_) {
        if (!group.filter.matches_type(type)) continue;
        auto& groups = route.groups_for(group.filter);
        std::erase(groups, &group);
        if (groups.empty() && group.filter.subject()) route.by_subject.erase(*group.filter.subject());
    }
    groups_.erase(group_key(group.filter, group.encoder, group.kind));
}

LiveIndex::Route& LiveIndex::route_of(const std::string& type) {
    const auto found = routes_.find(type);
    if (found != routes_.end()) return found->second;
    if (routes_.size() >= kMaxRoutes) routes_.clear();
    Route& route = routes_[type];
    for (const auto& [key, group] : groups_) {
        if (group->filter.matches_type(type)) route.groups_for(group->filter).push_back(group.get());
    }
    return route;
}

}  // namespace headwater
