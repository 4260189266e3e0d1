#include "core/json_schema_sentence.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "core/json_members.hpp"
#include "core/json_schema_keywords.hpp"
#include "core/json_text.hpp"

namespace headwater::json {
namespace {

using rapidjson::Value;

std::string_view text_of(const Value& value) {
    return {value.GetString(), value.GetStringLength()};
}

const Value* find_rule(const Value& schema, std::string_view keyword) {
    if (!schema.IsObject()) return nullptr;
    const auto name = rapidjson::StringRef(keyword.data(), static_cast<rapidjson::SizeType>(keyword.size()));
    const auto member = schema.FindMember(Value(name));
    return member == schema.MemberEnd() ? nullptr : &member->value;
}

// "an integer", "a string or null"
std::string describe_types(const Value& type) {
    const auto describe = [](std::string_view name) -> std::string {
        if (name == "null") return "null";
        return fmt::format("{} {}", std::string_view("aeiou").contains(name[0]) ? "an" : "a", name);
    };
    if (type.IsString()) return describe(text_of(type));
    std::string all;
    for (const auto& name : type.GetArray()) {
        if (!all.empty()) all += " or ";
        all += describe(text_of(name));
    }
    return all;
}

std::string number_text(const Value& number) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer writer(buffer);
    number.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string missing_member(const Value& required, const std::vector<std::string>& present) {
    for (const auto& name : required.GetArray()) {
        if (!contains(present, text_of(name))) {
            return fmt::format("is missing the member {}.", to_json_string(text_of(name)));
        }
    }
    return "is missing a member.";
}

std::string bound(const Value& schema, std::string_view exclusive, std::string_view strict,
                  std::string_view loose, const Value& limit) {
    const auto* found = find_rule(schema, exclusive);
    const bool is_strict = found != nullptr && found->IsTrue();
    return fmt::format("must be {} {}.", is_strict ? strict : loose, number_text(limit));
}

struct CountRule {
    std::string_view keyword;
    std::string_view sentence;
};

constexpr std::array kCountRules{
    CountRule{"minLength", "must have at least {} characters."},
    CountRule{"maxLength", "must have at most {} characters."},
    CountRule{"minItems", "must have at least {} elements."},
    CountRule{"maxItems", "must have at most {} elements."},
    CountRule{"minProperties", "must have at least {} members."},
    CountRule{"maxProperties", "must have at most {} members."},
    CountRule{"multipleOf", "must be a multiple of {}."},
};

constexpr std::array kFixedRules{
    CountRule{"enum", "must be one of the values that the schema lists."},
    CountRule{"pattern", "must match the schema's pattern."},
    CountRule{"items", "has more elements than the schema allows."},
    CountRule{"uniqueItems", "must not hold two equal elements."},
    CountRule{"additionalProperties", "is no member that the schema allows."},
    CountRule{"patternProperties", "does not meet the schema for members of its name."},
    CountRule{"dependencies", "lacks what one of its members depends on."},
    CountRule{"allOf", "must meet all of the schema's alternatives."},
    CountRule{"anyOf", "must meet at least one of the schema's alternatives."},
    CountRule{"oneOf", "must meet exactly one of the schema's alternatives."},
    CountRule{"not", "must not meet the schema under \"not\"."},
};

std::optional<std::string> fixed_sentence(std::string_view keyword) {
    const auto* found = std::ranges::find(kFixedRules, keyword, &CountRule::keyword);
    if (found == kFixedRules.end()) return std::nullopt;
    return std::string(found->sentence);
}

std::optional<std::string> count_sentence(std::string_view keyword, const Value& limit) {
    const auto* found = std::ranges::find(kCountRules, keyword, &CountRule::keyword);
    if (found == kCountRules.end()) return std::nullopt;
    return fmt::format(fmt::runtime(found->sentence), number_text(limit));
}

// How prepare_schema() writes that a member is not allowed.
bool allows_nothing(const Value& schema) {
    const auto* rule = find_rule(schema, "not");
    return rule != nullptr && rule->IsObject() && rule->ObjectEmpty();
}

std::string sentence(std::string_view keyword, const Value& schema, const std::vector<std::string>& members) {
    if (keyword == "not" && allows_nothing(schema)) keyword = "additionalProperties";
    if (auto fixed = fixed_sentence(keyword)) return *fixed;
    const auto* rule = find_rule(schema, keyword);
    if (rule == nullptr) return "does not meet the schema.";
    if (keyword == "type") return fmt::format("must be {}.", describe_types(*rule));
    if (keyword == "required") return missing_member(*rule, members);
    if (keyword == "minimum") return bound(schema, "exclusiveMinimum", "above", "at least", *rule);
    if (keyword == "maximum") return bound(schema, "exclusiveMaximum", "below", "at most", *rule);
    return count_sentence(keyword, *rule).value_or("does not meet the schema.");
}

}  // namespace

std::string to_text(const rapidjson::Pointer& pointer) {
    rapidjson::StringBuffer buffer;
    pointer.Stringify(buffer);
    return {buffer.GetString(), buffer.GetSize()};
}

FieldError describe(const Violation& violation, const rapidjson::Document& schema, std::string_view payload) {
    const auto* rules = violation.schema.Get(schema);
    if (violation.keyword == nullptr || rules == nullptr) {
        return {to_text(violation.place), "The value does not meet the schema."};
    }
    const std::string_view keyword(violation.keyword);
    const auto members =
        keyword == "required" ? member_names(payload, violation.place) : std::vector<std::string>();
    return {to_text(violation.place), "The value " + sentence(keyword, *rules, members)};
}

}  // namespace headwater::json
