#pragma once

#include <string_view>
#include <vector>

#include <rapidjson/document.h>

namespace headwater::json {

/// A word of JSON Schema: what its value must look like, and which further schemas stand in it. Private to
/// JsonSchema.
struct Keyword {
    enum class Holds {
        nothing,
        schemas,  ///< the value is a schema or a list of them
        map,      ///< the members of the value are schemas
    };
    /// What the schemas inside look at.
    enum class Subject {
        inner,  ///< a part of the payload's value
        same,   ///< the same value as the schema around them
    };

    std::string_view name;
    bool (*is_good)(const rapidjson::Value&);
    std::string_view wanted;  ///< "must be {wanted}"
    Holds holds = Holds::nothing;
    Subject subject = Subject::inner;
};

[[nodiscard]] std::string_view text_of(const rapidjson::Value& value);

/// Null for a word that JSON Schema does not know; it is skipped then.
[[nodiscard]] const Keyword* find_keyword(const rapidjson::Value& name);

/// The schemas that stand in a keyword's value, which is_good.
[[nodiscard]] std::vector<const rapidjson::Value*> schemas_in(const Keyword& keyword,
                                                              const rapidjson::Value& value);

}  // namespace headwater::json
