#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/live_chunk.hpp"
#include "core/live_filter.hpp"

namespace headwater {

class LiveSubscription;

/// The subscribers with one filter and one encoder: they get the same bytes. Or those who have one place
/// among others in their selections: what they get is put together from all of them.
struct LiveGroup {
    enum class Kind { filter, place };
    LiveFilter filter;
    const LiveEncoder* encoder;
    Kind kind;
    std::vector<LiveSubscription*> members;
    std::vector<std::uint32_t> matched;  ///< scratch of one fan-out: which events of the slice
};

/// Finds the groups that want an event: by its exact type name, and by subject where they asked for one.
/// Which groups a type concerns is worked out when its first event comes and kept up from then on. One
/// shard's, one thread's.
class LiveIndex {
  public:
    /// The place of a subscription: its group and its index in members.
    struct Place {
        LiveGroup* group = nullptr;
        std::size_t index = 0;
    };

    [[nodiscard]] Place add(LiveSubscription& subscription, const LiveFilter& filter,
                            const LiveEncoder& encoder, LiveGroup::Kind kind = LiveGroup::Kind::filter);
    /// The group that add() puts it in; null when there is none.
    [[nodiscard]] LiveGroup* find(const LiveFilter& filter, const LiveEncoder& encoder,
                                  LiveGroup::Kind kind) const;
    /// Returns the member that moved into the freed place, if any: its index is now the removed one's.
    LiveSubscription* remove(const Place& place);
    /// Calls visit(LiveGroup&) for each group that wants the event.
    template <class Visit>
    void for_each_match(const Event& event, Visit visit) {
        Route& route = route_of(event.type);
        for (LiveGroup* group : route.any_subject) visit(*group);
        if (!event.subject || route.by_subject.empty()) return;
        const auto found = route.by_subject.find(*event.subject);
        if (found == route.by_subject.end()) return;
        for (LiveGroup* group : found->second) visit(*group);
    }

  private:
    struct Route {
        std::vector<LiveGroup*> any_subject;
        std::unordered_map<std::string, std::vector<LiveGroup*>> by_subject;
        [[nodiscard]] std::vector<LiveGroup*>& groups_for(const LiveFilter& filter) {
            return filter.subject() ? by_subject[*filter.subject()] : any_subject;
        }
    };
    static constexpr std::size_t kMaxRoutes = 10'000;

    [[nodiscard]] Route& route_of(const std::string& type);
    void remove_group(LiveGroup& group);

    std::unordered_map<std::string, std::unique_ptr<LiveGroup>> groups_;  // by encoder and filter
    std::unordered_map<std::string, Route> routes_;                       // by type name; a cache
};

}  // namespace headwater
