#include "core/event_handler.hpp"

#include <utility>

#include <fmt/format.h>

namespace headwater {

template <class Draft>
void EventHandler<Draft>::start(const json::Stream& stream) {
    *this = EventHandler(text_, shape_, limits_);
    stream_ = &stream;
}

template <class Draft>
bool EventHandler<Draft>::RawNumber(const char* /*text*/, rapidjson::SizeType length, bool /*copy*/) {
    if (length > json::kMaxNumberLength) {
        return stop_malformed(fmt::format("a number has more than {} characters", json::kMaxNumberLength));
    }
    return take_scalar(std::nullopt);
}

template <class Draft>
bool EventHandler<Draft>::String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    return take_scalar(std::string_view(text, length));
}

template <class Draft>
bool EventHandler<Draft>::Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    if (!is_at_member()) return true;
    member_ = draft_.begin_member({text, length});
    end_of_key_ = stream_->Tell();
    return true;
}

template <class Draft>
bool EventHandler<Draft>::StartObject() {
    if (depth_ == 0 && shape_ == Shape::array) {
        return stop(Refusal::Kind::malformed, "The body must be an array of events.");
    }
    if (is_at_item() && !begin_item(true)) return false;
    return open();
}

template <class Draft>
bool EventHandler<Draft>::StartArray() {
    if (depth_ == 0 && shape_ != Shape::one) {
        body_.is_batch = true;
        item_depth_ = 1;
        ++depth_;
        return true;
    }
    if (is_at_item() && !begin_item(false)) return false;
    return open();
}

template <class Draft>
bool EventHandler<Draft>::EndObject(rapidjson::SizeType /*members*/) {
    return close();
}

template <class Draft>
bool EventHandler<Draft>::EndArray(rapidjson::SizeType /*elements*/) {
    return close();
}

template <class Draft>
bool EventHandler<Draft>::take_scalar(std::optional<std::string_view> text) {
    if (is_at_item()) {
        if (depth_ == 0 && shape_ != Shape::one) {
            return stop(Refusal::Kind::malformed, "The body must be one event or an array of events.");
        }
        if (!begin_item(false)) return false;
        end_item();
    } else if (is_at_member()) {
        const auto begin = begin_of_value();
        set_member(text_.substr(begin, stream_->Tell() - begin), text);
    }
    return true;
}

template <class Draft>
bool EventHandler<Draft>::begin_item(bool is_object) {
    if (body_.items.size() == limits_.max_batch_events) {
        return stop(Refusal::Kind::too_large,
                    fmt::format("The body has more than {} events.", limits_.max_batch_events));
    }
    draft_ = Draft(limits_.max_event_bytes);
    is_in_object_ = is_object;
    if (!is_object) draft_.refuse_no_object();
    return true;
}

template <class Draft>
void EventHandler<Draft>::end_item() {
    body_.items.push_back(std::move(draft_).finish());
}

template <class Draft>
bool EventHandler<Draft>::open() {
    ++depth_;
    if (depth_ - item_depth_ - 1 > EventLimits::kMaxDepth) {
        return stop_malformed(fmt::format("it is nested more than {} deep", EventLimits::kMaxDepth));
    }
    return true;
}

template <class Draft>
bool EventHandler<Draft>::close() {
    --depth_;
    if (is_at_item()) {
        end_item();
    } else if (is_at_member()) {
        // The closing bracket is not taken from the stream yet.
        const auto begin = begin_of_value();
        set_member(text_.substr(begin, stream_->Tell() + 1 - begin), std::nullopt);
    }
    return true;
}

template <class Draft>
void EventHandler<Draft>::set_member(std::string_view json, std::optional<std::string_view> text) {
    if (Draft::is_raw(member_)) {
        draft_.set_raw(member_, json);
    } else if (text) {
        draft_.set_text(member_, *text);
    } else {
        draft_.set_no_text(member_, json);
    }
}

// The value of the last member: behind its name, a colon and white space, which the parser has seen already.
template <class Draft>
std::size_t EventHandler<Draft>::begin_of_value() const {
    return text_.find_first_not_of(": \t\r\n", end_of_key_);
}

template <class Draft>
bool EventHandler<Draft>::stop(Refusal::Kind kind, std::string detail) {
    refusal_ = Refusal{kind, std::move(detail)};
    return false;
}

template <class Draft>
bool EventHandler<Draft>::stop_malformed(std::string reason) {
    return stop(Refusal::Kind::malformed, json::to_sentence({stream_->Tell(), std::move(reason)}));
}

template class EventHandler<EventDraft>;
template class EventHandler<CloudEventDraft>;

}  // namespace headwater
