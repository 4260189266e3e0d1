#pragma once

#include <string>
#include <vector>

#include "cli/json/json_view.hpp"

namespace headwater::cli {

/// What registering a definition would change about what is stored.
struct TypeDifference {
    enum class Kind { added, changed, unchanged };

    std::string type;
    Kind kind = Kind::unchanged;
    /// A sentence each, with `+`, `-` or `~` in front: "~ ttl: 24days -> 48days",
    /// "- stream example.org (12 events wait)".
    std::vector<std::string> lines;
    bool removes_streams = false;
};

/// `stored` is absent when the type is new. Members that the definition leaves out stay as they are, as the
/// server has it; the members that the server fills in by itself do not count.
[[nodiscard]] TypeDifference difference_between(const Json& definition, const Json& stored);

}  // namespace headwater::cli
