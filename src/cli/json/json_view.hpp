#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headwater::cli {

/// A place in a JSON text. What it shows is the text's own bytes, so that numbers and payloads come out as
/// they came in. Looking inside scans the text again, which is fast enough for what people look at. Holds on
/// to the text; cheap to copy; immutable.
class Json {
  public:
    /// Absent: has no members and no text.
    Json() = default;
    /// Nothing when it is no JSON by the rules of intake (core's check_json).
    [[nodiscard]] static std::optional<Json> parse(std::string text);

    [[nodiscard]] bool is_absent() const { return bytes_.empty(); }
    [[nodiscard]] bool is_null() const { return bytes_ == "null"; }
    [[nodiscard]] bool is_true() const { return bytes_ == "true"; }
    [[nodiscard]] bool is_object() const { return bytes_.starts_with('{'); }
    [[nodiscard]] bool is_array() const { return bytes_.starts_with('['); }
    [[nodiscard]] bool is_string() const { return bytes_.starts_with('"'); }

    /// The member, or absent.
    [[nodiscard]] Json operator[](std::string_view name) const;
    /// All members of an object, in its order; none when it is no object.
    [[nodiscard]] std::vector<std::pair<std::string, Json>> members() const;
    /// All elements of an array; none when it is no array.
    [[nodiscard]] std::vector<Json> elements() const;
    /// A string's characters; the bytes of anything else; "" when absent or null.
    [[nodiscard]] std::string text() const;
    /// 0 when it is no whole number.
    [[nodiscard]] long long number() const;
    /// As it stands in the text.
    [[nodiscard]] std::string_view bytes() const { return bytes_; }
    /// The same without white space between its tokens.
    [[nodiscard]] std::string compact() const;

  private:
    Json(std::shared_ptr<const std::string> text, std::string_view bytes)
        : text_(std::move(text)), bytes_(bytes) {}

    std::shared_ptr<const std::string> text_;
    std::string_view bytes_;  ///< within text_
};

/// The href of the link with that relation in `links`; "" when there is none.
[[nodiscard]] std::string link_of(const Json& links, std::string_view relation);

/// True when both are the same value: members in any order, numbers by their digits.
[[nodiscard]] bool is_same_value(const Json& left, const Json& right);

}  // namespace headwater::cli
