#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/pointer.h>

namespace headwater::json {

/// The names of the members of the object that stands at `place` in the text (well-formed JSON), in its
/// order; none when there is no object. One SAX pass; private to JsonSchema, for its sentences.
[[nodiscard]] std::vector<std::string> member_names(std::string_view text, const rapidjson::Pointer& place);

}  // namespace headwater::json
