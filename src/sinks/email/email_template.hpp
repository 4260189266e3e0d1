#pragma once

#include <expected>
#include <string>
#include <vector>

#include "core/event.hpp"

namespace headwater::sinks {

/// A text with placeholders: `{id}`, `{type}`, `{subject}`, `{created_at}`, `{payload}`, `{event}` (its whole
/// JSON) and `{payload.member}`, which goes deeper with more dots (`{payload.items.0.name}`). `{{` is a
/// brace. What is not there becomes nothing; texts come without quotes. Immutable.
class EmailTemplate {
  public:
    /// The error is one sentence that names the mistake.
    [[nodiscard]] static std::expected<EmailTemplate, std::string> parse(const std::string& text);

    [[nodiscard]] std::string render(const Event& event) const;

  private:
    struct Piece {
        bool is_placeholder = false;
        std::string text;  ///< as it stands, or the placeholder's name
    };
    std::vector<Piece> pieces_;
};

}  // namespace headwater::sinks
