#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// What an event of the inbox rule does to its inbox.
enum class InboxStep {
    opens,   ///< service.create, service.delete
    feeds,   ///< monitor.user
    closes,  ///< their .done and .error
};
[[nodiscard]] std::optional<InboxStep> inbox_step_of(std::string_view type);

inline constexpr std::string_view kInboxMessages = "monitor.user";
/// The types that open and close inboxes, and all seven.
[[nodiscard]] const TypeFilter& inbox_life_types();
[[nodiscard]] const TypeFilter& inbox_types();

/// The inbox that an event of one of these types concerns, by its payload (JSON that check_json() has
/// passed): of a monitor.user event the part of `service` behind the last '-', else `id`; of the others `id`.
/// Nothing when the payload names none.
[[nodiscard]] std::optional<std::string> inbox_of(std::string_view type, std::string_view payload);

/// The elements of a monitor.user event's `messages`, each as `{"body":…,"level":…}`; none when there are
/// none.
[[nodiscard]] std::vector<std::string> inbox_messages(std::string_view payload);

/// 1-200 bytes of UTF-8 without control characters.
[[nodiscard]] bool is_inbox_name(std::string_view name);

/// How far an inbox's life has come, worked out from its events in the order of the log. A closed inbox lives
/// anew from the next event that opens it. A value.
class InboxLife {
  public:
    static constexpr std::chrono::seconds kGrace{10};
    struct Closing {
        EventId event;
        Timestamp ends;  ///< the grace is over: messages stored at or after it do not count
        bool is_error = false;
    };

    void apply(std::string_view type, EventId id, Timestamp created_at);
    /// A message that is stored now belongs to this life.
    [[nodiscard]] bool takes(Timestamp created_at) const { return !closing_ || created_at < closing_->ends; }
    [[nodiscard]] bool has_ended(Timestamp now) const { return closing_ && now >= closing_->ends; }
    [[nodiscard]] const std::optional<Closing>& closing() const { return closing_; }
    /// Everything of this life stands above.
    [[nodiscard]] Position begin() const { return begin_; }

  private:
    Position begin_{};
    std::optional<Closing> closing_;
};

/// How far a reader has come: what an SSE id says. `{id}.{n}` is message n (from 1) of an event, `{id}` a
/// whole event or a position, `{id}.closed` the closing message.
struct InboxPlace {
    EventId event;
    std::size_t message = 0;  ///< 0: all of the event
    bool is_closing = false;
};
[[nodiscard]] std::optional<InboxPlace> parse_inbox_place(std::string_view text);
[[nodiscard]] std::string to_string(const InboxPlace& place);

}  // namespace headwater
