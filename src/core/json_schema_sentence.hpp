#pragma once

#include <string>
#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include "core/errors.hpp"

namespace headwater::json {

/// A JSON pointer as text; "" for the whole document.
[[nodiscard]] std::string to_text(const rapidjson::Pointer& pointer);

/// What a validator stopped at.
struct Violation {
    rapidjson::Pointer place;   ///< in the payload
    rapidjson::Pointer schema;  ///< in the document that was compiled
    const char* keyword;        ///< of that schema; null when the validator does not say
};

/// The violation in our words. `schema` is the document that was compiled, `payload` the text that was read.
[[nodiscard]] FieldError describe(const Violation& violation, const rapidjson::Document& schema,
                                  std::string_view payload);

}  // namespace headwater::json
