#include "sinks/email/email_template.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace headwater::sinks {
namespace {

constexpr std::array<std::string_view, 6> kNames{"id", "type", "subject", "created_at", "payload", "event"};
constexpr std::string_view kMember = "payload.";

bool is_known(std::string_view name) {
    return std::ranges::find(kNames, name) != kNames.end() ||
           (name.starts_with(kMember) && name.size() > kMember.size());
}

/// A document of a payload, whose depth intake has bounded. Numbers are kept as their text.
class PayloadReader {
  public:
    explicit PayloadReader(std::string_view payload) {
        document_.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(
            payload.data(), payload.size());
    }

    /// "" when there is nothing at the path ("a.b.0").
    [[nodiscard]] std::string find(std::string_view path) const {
        if (document_.HasParseError()) return {};
        const rapidjson::Value* value = &document_;
        for (bool is_last = false; value != nullptr && !is_last;) {
            const std::size_t dot = path.find('.');
            is_last = dot == std::string_view::npos;
            value = step(*value, path.substr(0, dot));
            if (!is_last) path.remove_prefix(dot + 1);
        }
        return value == nullptr || value->IsNull() ? std::string() : to_text(*value);
    }

  private:
    static const rapidjson::Value* step(const rapidjson::Value& value, std::string_view name) {
        if (value.IsObject()) {
            const auto found = std::find_if(value.MemberBegin(), value.MemberEnd(), [&](const auto& member) {
                return std::string_view(member.name.GetString(), member.name.GetStringLength()) == name;
            });
            return found == value.MemberEnd() ? nullptr : &found->value;
        }
        rapidjson::SizeType index = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
        const bool is_index = error == std::errc{} && end == name.data() + name.size();
        return value.IsArray() && is_index && index < value.Size() ? &value[index] : nullptr;
    }

    static std::string to_text(const rapidjson::Value& value) {
        if (value.IsString()) return {value.GetString(), value.GetStringLength()};
        rapidjson::StringBuffer buffer;
        rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
        value.Accept(writer);
        return {buffer.GetString(), buffer.GetSize()};
    }

    rapidjson::Document document_;
};

std::string value_of(std::string_view name, const Event& event) {
    if (name == "id") return to_string(event.id);
    if (name == "type") return event.type;
    if (name == "subject") return event.subject.value_or("");
    if (name == "created_at") return format_time(event.created_at);
    if (name == "payload") return std::string(event.payload());
    return event.json;
}

}  // namespace

std::expected<EmailTemplate, std::string> EmailTemplate::parse(const std::string& text) {
    EmailTemplate made;
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '{') {
            plain += text[at];
        } else if (text.compare(at, 2, "{{") == 0) {
            plain += '{';
            ++at;
        } else {
            const std::size_t end = text.find('}', at);
            if (end == std::string::npos)
                return std::unexpected("A placeholder is not closed; write {{ for a brace.");
            std::string name = text.substr(at + 1, end - at - 1);
            if (!is_known(name)) {
                return std::unexpected(fmt::format(
                    "\"{{{}}}\" is no placeholder: {{id}}, {{type}}, {{subject}}, {{created_at}}, "
                    "{{payload}}, {{payload.member}} and {{event}} are; write {{{{ for a brace.",
                    name.substr(0, 100)));
            }
            made.pieces_.push_back({false, std::exchange(plain, {})});
            made.pieces_.push_back({true, std::move(name)});
            at = end;
        }
    }
    made.pieces_.push_back({false, std::move(plain)});
    return made;
}

std::string EmailTemplate::render(const Event& event) const {
    std::optional<PayloadReader> payload;
    std::string out;
    for (const Piece& piece : pieces_) {
        if (!piece.is_placeholder) {
            out += piece.text;
        } else if (piece.text.starts_with(kMember)) {
            if (!payload) payload.emplace(event.payload());
            out += payload->find(std::string_view(piece.text).substr(kMember.size()));
        } else {
            out += value_of(piece.text, event);
        }
    }
    return out;
}

}  // namespace headwater::sinks
