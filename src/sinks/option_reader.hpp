#pragma once

#include <rapidjson/document.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace headwater::sinks {

/// Reads a sink's options out of a stream object and collects every mistake with its pointer: wrong kinds,
/// bad values, unknown and repeated members. The members that belong to the stream itself are skipped. One
/// use, one thread.
class OptionReader {
  public:
    /// `json` is a complete JSON text of modest depth, as intake has checked it.
    explicit OptionReader(std::string_view json);

    /// The member's text; nothing when it is absent or no text (which is a mistake).
    [[nodiscard]] std::optional<std::string> text(const std::string& name);
    /// The same; being absent or empty is a mistake, and "" is returned.
    [[nodiscard]] std::string required_text(const std::string& name);
    [[nodiscard]] bool flag(const std::string& name, bool otherwise);
    [[nodiscard]] std::int64_t whole(const std::string& name, std::int64_t least, std::int64_t most,
                                     std::int64_t otherwise);
    /// A wait such as "90s", "5min", "2h", "1day", or a number of seconds.
    [[nodiscard]] std::optional<std::chrono::seconds> wait(const std::string& name);
    [[nodiscard]] std::vector<std::chrono::seconds> waits(const std::string& name, std::size_t most);
    /// A text, or a list of 1 to `most` of them; being absent is a mistake.
    [[nodiscard]] std::vector<std::string> required_list(const std::string& name, std::size_t most);
    /// An object of texts.
    [[nodiscard]] std::map<std::string, std::string> texts(const std::string& name);

    void fail(std::string pointer, std::string detail);
    /// All mistakes, once every option has been asked for; nothing when there are none.
    [[nodiscard]] std::vector<FieldError> finish();

  private:
    [[nodiscard]] const rapidjson::Value* find(const std::string& name);
    [[nodiscard]] std::optional<std::chrono::seconds> to_wait(const rapidjson::Value& value,
                                                              const std::string& pointer);

    rapidjson::Document document_;
    std::set<std::string> asked_;
    std::vector<FieldError> errors_;
};

/// Reads "90s", "15sec", "5min", "2h", "1day": a whole number from 1 up and a unit; nothing otherwise.
[[nodiscard]] std::optional<std::chrono::seconds> parse_wait(std::string_view text);

/// True when the text holds a control character: RFC 9110 §5.5 forbids them in header values, and no name
/// wants them.
[[nodiscard]] bool has_controls(std::string_view text);

}  // namespace headwater::sinks
