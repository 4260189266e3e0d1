#include "core/event_handler.hpp"

#include <utility>

#include <fmt/format.h>

namespace headwater {

void EventHandler::start(const json::Stream& stream) {
    *this = EventHandler(text_, shape_, limits_);
    stream_ = &stream;
}

bool EventHandler::RawNumber(const char* /*text*/, rapidjson::SizeType length, bool /*copy*/) {
    if (length > json::kMaxNumberLength) {
        return stop_malformed(fmt::format("a number has more than {} characters", json::kMaxNumberLength));
    }
    return take_scalar(std::nullopt);
}

bool EventHandler::String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    return take_scalar(std::string_view(text, length));
}

bool EventHandler::Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    if (!is_at_member()) return true;
    member_ = draft_.begin_member({text, length});
    end_of_key_ = stream_->Tell();
    return true;
}

bool EventHandler::StartObject() {
    if (is_at_item() && !begin_item(true)) return false;
    return open();
}

bool EventHandler::StartArray() {
    if (depth_ == 0 && shape_ == Shape::one_or_array) {
        body_.is_batch = true;
        item_depth_ = 1;
        ++depth_;
        return true;
    }
    if (is_at_item() && !begin_item(false)) return false;
    return open();
}

bool EventHandler::EndObject(rapidjson::SizeType /*members*/) {
    return close();
}

bool EventHandler::EndArray(rapidjson::SizeType /*elements*/) {
    return close();
}

bool EventHandler::take_scalar(std::optional<std::string_view> text) {
    if (is_at_item()) {
        if (depth_ == 0 && shape_ == Shape::one_or_array) {
            return stop(Refusal::Kind::malformed, "The body must be one event or an array of events.");
        }
        if (!begin_item(false)) return false;
        end_item();
    } else if (is_at_member()) {
        if (member_ == Member::payload) {
            const auto begin = begin_of_value();
            draft_.set_payload(text_.substr(begin, stream_->Tell() - begin));
        } else if (text) {
            draft_.set_text(member_, *text);
        } else {
            draft_.refuse_no_text(member_);
        }
    }
    return true;
}

bool EventHandler::begin_item(bool is_object) {
    if (body_.items.size() == limits_.max_batch_events) {
        return stop(Refusal::Kind::too_large,
                    fmt::format("The body has more than {} events.", limits_.max_batch_events));
    }
    draft_ = EventDraft(limits_.max_event_bytes);
    is_in_object_ = is_object;
    if (!is_object) draft_.refuse_no_object();
    return true;
}

void EventHandler::end_item() {
    body_.items.push_back(std::move(draft_).finish());
}

bool EventHandler::open() {
    ++depth_;
    if (depth_ - item_depth_ - 1 > EventLimits::kMaxDepth) {
        return stop_malformed(fmt::format("it is nested more than {} deep", EventLimits::kMaxDepth));
    }
    return true;
}

bool EventHandler::close() {
    --depth_;
    if (is_at_item()) {
        end_item();
    } else if (is_at_member()) {
        if (member_ == Member::payload) {
            // The closing bracket is not taken from the stream yet.
            const auto begin = begin_of_value();
            draft_.set_payload(text_.substr(begin, stream_->Tell() + 1 - begin));
        } else {
            draft_.refuse_no_text(member_);
        }
    }
    return true;
}

// The value of the last member: behind its name, a colon and white space, which the parser has seen already.
std::size_t EventHandler::begin_of_value() const {
    return text_.find_first_not_of(": \t\r\n", end_of_key_);
}

bool EventHandler::stop(Refusal::Kind kind, std::string detail) {
    refusal_ = Refusal{kind, std::move(detail)};
    return false;
}

bool EventHandler::stop_malformed(std::string reason) {
    return stop(Refusal::Kind::malformed, json::to_sentence({stream_->Tell(), std::move(reason)}));
}

}  // namespace headwater
