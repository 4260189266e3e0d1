#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace headwater {

/// What is wrong with one event that was sent, gathered while it is read. Private to the parser; keeps the
/// first ten mistakes and the gravest kind.
class ItemMistakes {
  public:
    void add(Refusal::Kind kind, std::string pointer, std::string detail);
    [[nodiscard]] bool is_empty() const { return errors_.empty(); }
    /// The one refusal that tells all of them.
    [[nodiscard]] Refusal take() &&;

  private:
    Refusal::Kind kind_ = Refusal::Kind::invalid;  ///< of the gravest error
    std::vector<FieldError> errors_;
};

/// RFC 6901, section 3. A name that is too long to be shown stands for the whole event.
[[nodiscard]] std::string pointer_to_member(std::string_view name);

/// What is wrong with a label (an id, a subject): its length in characters, or control characters in it.
[[nodiscard]] std::optional<std::string> mistake_in_label(std::string_view name, std::string_view text,
                                                          std::size_t most);

inline constexpr std::size_t kMaxIdCharacters = 200;
inline constexpr std::size_t kMaxSubjectCharacters = 500;

/// What is wrong with the name of an event's type.
[[nodiscard]] std::optional<std::string> mistake_in_type(std::string_view text);

}  // namespace headwater
