#pragma once

#include <string>
#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include "core/errors.hpp"

namespace headwater::json {

/// A JSON pointer as text; "" for the whole document.
[[nodiscard]] std::string to_text(const rapidjson::Pointer& pointer);

/// What the validator stopped at, in our words. `schema` is the document that it was compiled from, `payload`
/// the text that it was reading. Private to JsonSchema.
[[nodiscard]] FieldError describe_violation(const rapidjson::SchemaValidator& validator,
                                            const rapidjson::Document& schema, std::string_view payload);

}  // namespace headwater::json
