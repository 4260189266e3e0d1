#pragma once

#include <expected>
#include <string>

#include <rapidjson/document.h>

namespace headwater::json {

/// What prepare_schema() found out.
struct PreparedSchema {
    bool has_pattern = false;  ///< a `pattern` or `patternProperties` stands somewhere in it
};

/// Refuses every schema that RapidJSON would misread or crash on (keywords of a wrong shape, references that
/// lead nowhere or round in a circle, patterns it cannot run) and rewrites the patterns into its dialect. The
/// document is nested at most 128 deep. The error is one sentence for the client. Private to JsonSchema.
[[nodiscard]] std::expected<PreparedSchema, std::string> prepare_schema(rapidjson::Document& schema);

}  // namespace headwater::json
