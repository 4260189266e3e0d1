#include "core/json_schema_keywords.hpp"

#include <algorithm>
#include <array>

namespace headwater::json {
namespace {

using rapidjson::Value;
using Holds = Keyword::Holds;
using Subject = Keyword::Subject;

bool is_type_name(const Value& value) {
    static constexpr std::array<std::string_view, 7> kTypes{"null",   "boolean", "object", "array",
                                                            "number", "string",  "integer"};
    return value.IsString() && std::ranges::find(kTypes, text_of(value)) != kTypes.end();
}

bool is_list(const Value& value, bool (*is_good)(const Value&)) {
    return value.IsArray() && !value.Empty() && std::all_of(value.Begin(), value.End(), is_good);
}

bool is_string(const Value& value) {
    return value.IsString();
}
bool is_schema(const Value& value) {
    return value.IsObject();
}
bool is_schema_list(const Value& value) {
    return is_list(value, is_schema);
}
bool is_string_list(const Value& value) {
    return is_list(value, is_string);
}
bool is_switch_or_schema(const Value& value) {
    return value.IsBool() || value.IsObject();
}
bool is_switch(const Value& value) {
    return value.IsBool();
}
bool is_count(const Value& value) {
    return value.IsUint();
}
bool is_number(const Value& value) {
    return value.IsNumber();
}
bool is_positive(const Value& value) {
    return value.IsNumber() && value.GetDouble() > 0;
}
bool is_type(const Value& value) {
    return is_type_name(value) || is_list(value, is_type_name);
}
bool is_filled_array(const Value& value) {
    return value.IsArray() && !value.Empty();
}
bool is_items(const Value& value) {
    return is_schema(value) || is_schema_list(value);
}
bool is_schema_map(const Value& value) {
    return value.IsObject() && std::all_of(value.MemberBegin(), value.MemberEnd(),
                                           [](const auto& m) { return is_schema(m.value); });
}
bool is_dependencies(const Value& value) {
    const auto is_good = [](const auto& m) { return is_schema(m.value) || is_string_list(m.value); };
    return value.IsObject() && std::all_of(value.MemberBegin(), value.MemberEnd(), is_good);
}
bool is_nothing(const Value& /*value*/) {
    return false;
}

// Draft 4, and the later keywords that a sender would believe to be checked.
constexpr std::array kKeywords{
    Keyword{"type", is_type, "the name of a JSON type or a list of them"},
    Keyword{"enum", is_filled_array, "an array that is not empty"},
    Keyword{"allOf", is_schema_list, "an array of schemas", Holds::schemas, Subject::same},
    Keyword{"anyOf", is_schema_list, "an array of schemas", Holds::schemas, Subject::same},
    Keyword{"oneOf", is_schema_list, "an array of schemas", Holds::schemas, Subject::same},
    Keyword{"not", is_schema, "a schema", Holds::schemas, Subject::same},
    Keyword{"properties", is_schema_map, "an object of schemas", Holds::map},
    Keyword{"patternProperties", is_schema_map, "an object of schemas", Holds::map},
    Keyword{"definitions", is_schema_map, "an object of schemas", Holds::map},
    Keyword{"additionalProperties", is_switch_or_schema, "true, false or a schema", Holds::schemas},
    Keyword{"required", is_string_list, "an array of names"},
    Keyword{"dependencies", is_dependencies, "an object of schemas and arrays of names", Holds::map,
            Subject::same},
    Keyword{"minProperties", is_count, "a whole number"},
    Keyword{"maxProperties", is_count, "a whole number"},
    Keyword{"items", is_items, "a schema or an array of schemas", Holds::schemas},
    Keyword{"additionalItems", is_switch_or_schema, "true, false or a schema", Holds::schemas},
    Keyword{"minItems", is_count, "a whole number"},
    Keyword{"maxItems", is_count, "a whole number"},
    Keyword{"uniqueItems", is_switch, "true or false"},
    Keyword{"minLength", is_count, "a whole number"},
    Keyword{"maxLength", is_count, "a whole number"},
    Keyword{"pattern", is_string, "a string"},
    Keyword{"minimum", is_number, "a number"},
    Keyword{"maximum", is_number, "a number"},
    Keyword{"exclusiveMinimum", is_switch, "true or false, as in draft 4"},
    Keyword{"exclusiveMaximum", is_switch, "true or false, as in draft 4"},
    Keyword{"multipleOf", is_positive, "a number above zero"},
    Keyword{"$ref", is_string, "a string"},
    Keyword{"const", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"contains", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"propertyNames", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"if", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"prefixItems", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"dependentRequired", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"dependentSchemas", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"unevaluatedProperties", is_nothing, "left out: draft 4 does not have it"},
    Keyword{"unevaluatedItems", is_nothing, "left out: draft 4 does not have it"},
};

}  // namespace

std::string_view text_of(const Value& value) {
    return {value.GetString(), value.GetStringLength()};
}

const Keyword* find_keyword(const Value& name) {
    const auto* found = std::ranges::find(kKeywords, text_of(name), &Keyword::name);
    return found == kKeywords.end() ? nullptr : found;
}

std::vector<const Value*> schemas_in(const Keyword& keyword, const Value& value) {
    std::vector<const Value*> found;
    const auto add = [&found](const Value& candidate) {
        if (candidate.IsObject()) found.push_back(&candidate);
    };
    if (keyword.holds == Holds::map) {
        for (const auto& member : value.GetObject()) add(member.value);
    } else if (keyword.holds == Holds::schemas && value.IsArray()) {
        for (const auto& element : value.GetArray()) add(element);
    } else if (keyword.holds == Holds::schemas) {
        add(value);
    }
    return found;
}

}  // namespace headwater::json
