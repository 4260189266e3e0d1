#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace headwater::rest {

/// The members of one JSON object in a body that check_json() has passed: names decoded, values as the bytes
/// that stand there, so that a schema or a destination can be handed on unchanged. Views of the body, which
/// must outlive it.
class JsonMembers {
  public:
    /// Refuses what is no object, a member twice, and a member that is not in `known` (all unknown ones at
    /// once). Pointers begin with `pointer`. An empty `known` lets every name pass.
    [[nodiscard]] static std::expected<JsonMembers, Refusal> read(std::string_view json,
                                                                  std::span<const std::string_view> known,
                                                                  std::string_view pointer = "");

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    /// The object once more, but for this member.
    [[nodiscard]] std::string without(std::string_view name) const;

  private:
    struct Member {
        std::string name;
        std::string_view value;
    };
    std::vector<Member> members_;
};

/// The elements of an array, as they stand in the body; nothing when it is none.
[[nodiscard]] std::optional<std::vector<std::string_view>> json_elements(std::string_view json);
/// A string, decoded; nothing when it is none.
[[nodiscard]] std::optional<std::string> json_string(std::string_view json);
/// An array of strings.
[[nodiscard]] std::optional<std::vector<std::string>> json_strings(std::string_view json);

}  // namespace headwater::rest
