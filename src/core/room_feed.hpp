#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/ids.hpp"
#include "core/live_request.hpp"
#include "core/live_selection.hpp"
#include "core/room.hpp"

namespace headwater {

/// Whom the last event that was asked about is meant for: many readers of one room ask about the same event
/// one after the other. One shard's, one thread's.
class RoomAudience {
  public:
    /// `user_json` is the user's name as to_json_string() writes it.
    [[nodiscard]] bool admits(const Event& event, const std::string& user_json);

  private:
    EventId event_{-1};
    bool is_for_all_ = false;
    std::unordered_set<std::string> users_;
};

/// The rooms that one open connection reads: those its user is subscribed to, of the namespaces it may read.
/// Changes that come while the rooms are still being loaded are applied behind them: a change that the load
/// has seen already does nothing the second time. One thread.
class RoomFeed final : public LiveSelection {
  public:
    /// Told of each place that comes or goes once the rooms are loaded.
    struct Listener {
        std::function<void(const LiveFilter& place)> added;
        std::function<void(const LiveFilter& place)> removed;
    };

    RoomFeed(RoomReader reader, RoomAudience& audience);

    [[nodiscard]] const std::string& user() const { return reader_.user; }
    [[nodiscard]] bool is_loaded() const { return is_loaded_; }
    void load(const std::vector<RoomName>& rooms);
    void apply(const RoomAccessChange& change, const Listener& listener);

    [[nodiscard]] bool matches(const Event& event) const override;
    [[nodiscard]] bool admits(const Event& event) const override;
    void for_each_place(const std::function<void(const LiveFilter&)>& visit) const override;
    [[nodiscard]] LiveFilter to_filter() const override;

  private:
    using Rooms = std::unordered_set<std::string>;

    void remove_namespace(const std::string& type, const Listener& listener);

    const RoomReader reader_;
    const std::string user_json_;
    RoomAudience& audience_;
    bool is_loaded_ = false;
    std::vector<RoomAccessChange> early_;  ///< came before the rooms; bounded by the load's two seconds
    std::map<std::string, Rooms, std::less<>> rooms_;  ///< by type
};

}  // namespace headwater
