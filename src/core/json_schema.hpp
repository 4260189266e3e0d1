#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace headwater {

/// A compiled JSON Schema (draft 4). Immutable; validate() may be called from any thread at once.
class JsonSchema {
  public:
    /// Compiles the text (an object, nesting at most 128, no remote $ref). The error is one sentence for the
    /// client.
    [[nodiscard]] static std::expected<std::shared_ptr<const JsonSchema>, std::string> compile(
        std::string_view text);
    ~JsonSchema();

    /// What is wrong with a payload (well-formed JSON, already checked), with pointers relative to the
    /// payload; empty when it meets the schema. A number beyond the range of a double is a violation.
    [[nodiscard]] std::vector<FieldError> validate(std::string_view payload) const;

  private:
    struct Impl;
    explicit JsonSchema(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace headwater
