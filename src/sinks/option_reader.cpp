#include "sinks/option_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/json_pointer.hpp"

namespace headwater::sinks {
namespace {

constexpr std::array<std::string_view, 5> kStreamMembers{"source", "name", "from", "order", "types"};

std::string to_text(const rapidjson::Value& value) {
    return {value.GetString(), value.GetStringLength()};
}

}  // namespace

OptionReader::OptionReader(std::string_view json) {
    document_.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
    if (document_.HasParseError() || !document_.IsObject()) {
        document_.SetObject();
        fail("", "A stream is a JSON object.");
    }
}

std::optional<std::string> OptionReader::text(const std::string& name) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->IsString()) return to_text(*value);
    fail(json_pointer_step(name), fmt::format("\"{}\" is a text.", name));
    return std::nullopt;
}

std::string OptionReader::required_text(const std::string& name) {
    const bool is_there = find(name) != nullptr;
    const auto value = text(name);
    if (!is_there) fail(json_pointer_step(name), fmt::format("\"{}\" is missing.", name));
    if (value && value->empty()) fail(json_pointer_step(name), fmt::format("\"{}\" is empty.", name));
    return value.value_or("");
}

bool OptionReader::flag(const std::string& name, bool otherwise) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return otherwise;
    if (value->IsBool()) return value->GetBool();
    fail(json_pointer_step(name), fmt::format("\"{}\" is true or false.", name));
    return otherwise;
}

std::int64_t OptionReader::whole(const std::string& name, std::int64_t least, std::int64_t most,
                                 std::int64_t otherwise) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return otherwise;
    if (value->IsInt64() && value->GetInt64() >= least && value->GetInt64() <= most) return value->GetInt64();
    fail(json_pointer_step(name), fmt::format("\"{}\" is a whole number from {} to {}.", name, least, most));
    return otherwise;
}

std::optional<std::chrono::seconds> OptionReader::wait(const std::string& name) {
    const rapidjson::Value* value = find(name);
    return value == nullptr ? std::nullopt : to_wait(*value, json_pointer_step(name));
}

std::vector<std::chrono::seconds> OptionReader::waits(const std::string& name, std::size_t most) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return {};
    if (!value->IsArray() || value->Empty() || value->Size() > most) {
        fail(json_pointer_step(name), fmt::format("\"{}\" is a list of 1 to {} waits.", name, most));
        return {};
    }
    std::vector<std::chrono::seconds> waits;
    for (rapidjson::SizeType i = 0; i < value->Size(); ++i) {
        if (const auto wait = to_wait((*value)[i], fmt::format("{}/{}", json_pointer_step(name), i)))
            waits.push_back(*wait);
    }
    return waits;
}

std::vector<std::string> OptionReader::required_list(const std::string& name, std::size_t most) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) {
        fail(json_pointer_step(name), fmt::format("\"{}\" is missing.", name));
        return {};
    }
    if (value->IsString()) return {to_text(*value)};
    const bool is_list = value->IsArray() && !value->Empty() && value->Size() <= most &&
                         std::ranges::all_of(value->GetArray(), [](const auto& v) { return v.IsString(); });
    if (!is_list) {
        fail(json_pointer_step(name),
             fmt::format("\"{}\" is a text or a list of 1 to {} texts.", name, most));
        return {};
    }
    std::vector<std::string> list;
    for (const auto& element : value->GetArray()) list.push_back(to_text(element));
    return list;
}

std::map<std::string, std::string> OptionReader::texts(const std::string& name) {
    std::map<std::string, std::string> texts;
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return texts;
    if (!value->IsObject()) {
        fail(json_pointer_step(name), fmt::format("\"{}\" is an object of texts.", name));
        return texts;
    }
    for (const auto& member : value->GetObject()) {
        const std::string key = to_text(member.name);
        if (!member.value.IsString()) {
            fail(json_pointer_step(name) + json_pointer_step(key), fmt::format("\"{}\" is a text.", key));
        } else if (!texts.emplace(key, to_text(member.value)).second) {
            fail(json_pointer_step(name) + json_pointer_step(key),
                 fmt::format("\"{}\" is there twice.", key));
        }
    }
    return texts;
}

void OptionReader::fail(std::string pointer, std::string detail) {
    errors_.push_back({std::move(pointer), std::move(detail)});
}

std::vector<FieldError> OptionReader::finish() {
    std::set<std::string> seen;
    for (const auto& member : document_.GetObject()) {
        const std::string name = to_text(member.name);
        if (std::ranges::find(kStreamMembers, name) != kStreamMembers.end()) continue;
        if (!seen.insert(name).second)
            fail(json_pointer_step(name), fmt::format("\"{}\" is there twice.", name));
        if (!asked_.contains(name)) fail(json_pointer_step(name), "This kind of stream has no such option.");
    }
    return std::move(errors_);
}

const rapidjson::Value* OptionReader::find(const std::string& name) {
    asked_.insert(name);
    const auto found = document_.FindMember(name.c_str());
    return found == document_.MemberEnd() ? nullptr : &found->value;
}

std::optional<std::chrono::seconds> OptionReader::to_wait(const rapidjson::Value& value,
                                                          const std::string& pointer) {
    if (value.IsInt64() && value.GetInt64() >= 1 && value.GetInt64() <= 31'536'000) {
        return std::chrono::seconds(value.GetInt64());
    }
    const auto wait = value.IsString() ? parse_wait(to_text(value)) : std::nullopt;
    if (!wait) fail(pointer, "A wait is a number of seconds or a text such as \"15s\", \"5min\" or \"2h\".");
    return wait;
}

std::optional<std::chrono::seconds> parse_wait(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t seconds;
    };
    static constexpr std::array<Unit, 17> kUnits{{{"s", 1},
                                                  {"sec", 1},
                                                  {"second", 1},
                                                  {"seconds", 1},
                                                  {"m", 60},
                                                  {"min", 60},
                                                  {"minute", 60},
                                                  {"minutes", 60},
                                                  {"h", 3600},
                                                  {"hour", 3600},
                                                  {"hours", 3600},
                                                  {"d", 86400},
                                                  {"day", 86400},
                                                  {"days", 86400},
                                                  {"", 1},
                                                  {"secs", 1},
                                                  {"mins", 60}}};
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 1) return std::nullopt;
    const std::string_view name(end, text.data() + text.size());
    const auto unit = std::ranges::find(kUnits, name, &Unit::name);
    if (unit == kUnits.end() || count > 31'536'000 / unit->seconds) return std::nullopt;
    return std::chrono::seconds(count * unit->seconds);
}

bool has_controls(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace headwater::sinks
