#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/cloud_event_draft.hpp"
#include "core/event_draft.hpp"
#include "core/json_scan.hpp"

namespace headwater {

/// What a JSON text holds.
enum class SentShape {
    one_or_array,  ///< one event, or an array of events
    one,           ///< one event: a line of NDJSON
    array,         ///< an array of events
};

/// Receives RapidJSON's events for one JSON text and turns them into the events that were sent. Private to
/// the parser; one object per text and thread. Keeps nothing of a payload but where it begins and ends in the
/// text. The draft knows the members of an event: Headwater's own, or a CloudEvent's.
template <class Draft>
class EventHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, EventHandler<Draft>> {
  public:
    using Shape = SentShape;

    EventHandler(std::string_view text, Shape shape, const EventLimits& limits)
        : text_(text), shape_(shape), limits_(limits), draft_(limits.max_event_bytes) {}

    void start(const json::Stream& stream);
    bool Default() { return take_scalar(std::nullopt); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool copy);
    bool String(const char* text, rapidjson::SizeType length, bool copy);
    bool Key(const char* text, rapidjson::SizeType length, bool copy);
    bool StartObject();
    bool StartArray();
    bool EndObject(rapidjson::SizeType members);
    bool EndArray(rapidjson::SizeType elements);

    [[nodiscard]] SentBody& body() { return body_; }
    /// Why the handler ended the pass; null when it did not.
    [[nodiscard]] std::optional<Refusal>& refusal() { return refusal_; }

  private:
    using Member = typename Draft::Member;

    bool take_scalar(std::optional<std::string_view> text);
    bool begin_item(bool is_object);
    void end_item();
    /// The value of the open member: its bytes, and what it says when it is a string.
    void set_member(std::string_view json, std::optional<std::string_view> text);
    bool open();
    bool close();
    [[nodiscard]] bool is_at_item() const { return depth_ == item_depth_; }
    [[nodiscard]] bool is_at_member() const { return depth_ == item_depth_ + 1 && is_in_object_; }
    [[nodiscard]] std::size_t begin_of_value() const;
    bool stop(Refusal::Kind kind, std::string detail);
    bool stop_malformed(std::string reason);

    std::string_view text_;
    Shape shape_;
    EventLimits limits_;
    const json::Stream* stream_ = nullptr;
    int depth_ = 0;              ///< of containers that are open
    int item_depth_ = 0;         ///< at which an event stands: 1 inside of an array of events
    bool is_in_object_ = false;  ///< the open item is an object
    Member member_ = Member::unknown;
    std::size_t end_of_key_ = 0;
    Draft draft_;
    SentBody body_;
    std::optional<Refusal> refusal_;
};

extern template class EventHandler<EventDraft>;
extern template class EventHandler<CloudEventDraft>;

}  // namespace headwater
