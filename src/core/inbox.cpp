#include "core/inbox.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>

#include "core/json_text.hpp"
#include "core/room.hpp"

namespace headwater {
namespace {

constexpr unsigned kNumbersAsText = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
constexpr std::string_view kDefaultLevel = R"("info")";

struct TypeRow {
    std::string_view type;
    InboxStep step;
};
constexpr std::array kTypes{
    TypeRow{"service.create", InboxStep::opens},        TypeRow{"service.create.done", InboxStep::closes},
    TypeRow{"service.create.error", InboxStep::closes}, TypeRow{"service.delete", InboxStep::opens},
    TypeRow{"service.delete.done", InboxStep::closes},  TypeRow{"service.delete.error", InboxStep::closes},
    TypeRow{kInboxMessages, InboxStep::feeds},
};

TypeFilter make_filter(bool with_messages) {
    std::vector<std::string> names;
    for (const TypeRow& row : kTypes) {
        if (with_messages || row.step != InboxStep::feeds) names.emplace_back(row.type);
    }
    return TypeFilter::from_list(names).value();
}

/// A string or a number, as text; "" for anything else.
std::string text_of(const rapidjson::Value& object, const char* name) {
    const auto member = object.FindMember(name);
    if (member == object.MemberEnd() || !member->value.IsString()) return {};
    return {member->value.GetString(), member->value.GetStringLength()};
}

std::string json_of(const rapidjson::Value& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);  // as deep as intake allows, no deeper
    return {buffer.GetString(), buffer.GetSize()};
}

std::string message_of(const rapidjson::Value& element) {
    std::string body = "null";
    std::string level(kDefaultLevel);
    if (element.IsObject()) {
        if (element.HasMember("body")) body = json_of(element["body"]);
        if (element.HasMember("level")) level = json_of(element["level"]);
    } else {
        body = json_of(element);
    }
    return R"({"body":)" + body + R"(,"level":)" + level + "}";
}

}  // namespace

std::optional<InboxStep> inbox_step_of(std::string_view type) {
    for (const TypeRow& row : kTypes) {
        if (row.type == type) return row.step;
    }
    return std::nullopt;
}

const TypeFilter& inbox_life_types() {
    static const TypeFilter filter = make_filter(false);
    return filter;
}

const TypeFilter& inbox_types() {
    static const TypeFilter filter = make_filter(true);
    return filter;
}

std::optional<std::string> inbox_of(std::string_view type, std::string_view payload) {
    if (!inbox_step_of(type)) return std::nullopt;
    rapidjson::Document document;
    document.Parse<kNumbersAsText>(payload.data(), payload.size());
    if (document.HasParseError() || !document.IsObject()) return std::nullopt;
    if (type == kInboxMessages) {
        const std::string service = text_of(document, "service");
        const std::size_t dash = service.rfind('-');
        if (dash != std::string::npos && is_inbox_name(service.substr(dash + 1)))
            return service.substr(dash + 1);
    }
    std::string id = text_of(document, "id");
    if (!is_inbox_name(id)) return std::nullopt;
    return id;
}

std::vector<std::string> inbox_messages(std::string_view payload) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(payload.data(), payload.size());
    if (document.HasParseError() || !document.IsObject()) return {};
    const auto member = document.FindMember("messages");
    if (member == document.MemberEnd() || !member->value.IsArray()) return {};
    std::vector<std::string> messages;
    for (const rapidjson::Value& element : member->value.GetArray()) messages.push_back(message_of(element));
    return messages;
}

bool is_inbox_name(std::string_view name) {
    return is_room_name(name);
}

void InboxLife::apply(std::string_view type, EventId id, Timestamp created_at) {
    const auto step = inbox_step_of(type);
    if (step == InboxStep::opens && closing_) {
        closing_.reset();
        begin_ = Position{id.value - 1};
    } else if (step == InboxStep::closes && !closing_) {
        closing_ = Closing{id, created_at + kGrace, type.ends_with(".error")};
    }
}

std::optional<InboxPlace> parse_inbox_place(std::string_view text) {
    const std::size_t dot = text.find('.');
    const auto event = parse_id<EventId>(text.substr(0, dot));
    if (!event) return std::nullopt;
    if (dot == std::string_view::npos) return InboxPlace{.event = *event};
    const std::string_view rest = text.substr(dot + 1);
    if (rest == "closed") return InboxPlace{.event = *event, .is_closing = true};
    std::size_t message = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), message);
    if (error != std::errc{} || end != rest.data() + rest.size() || message == 0) return std::nullopt;
    return InboxPlace{.event = *event, .message = message};
}

std::string to_string(const InboxPlace& place) {
    std::string text = to_string(place.event);
    if (place.is_closing) return text + ".closed";
    return place.message == 0 ? text : text + "." + std::to_string(place.message);
}

}  // namespace headwater
