#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_text.hpp"

namespace headwater::rest {

/// Writes one JSON object's members at the end of a string, in the order of the calls. Names are literals
/// that need no escape. end() closes it.
class JsonObject {
  public:
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;

    JsonObject& text(std::string_view name, std::string_view value) {
        append_json_string(begin(name), value);
        return *this;
    }
    JsonObject& number(std::string_view name, std::int64_t value) {
        begin(name) += std::to_string(value);
        return *this;
    }
    JsonObject& boolean(std::string_view name, bool value) {
        begin(name) += value ? "true" : "false";
        return *this;
    }
    JsonObject& texts(std::string_view name, const std::vector<std::string>& values) {
        std::string& out = begin(name) += '[';
        for (const std::string& value : values) {
            if (out.back() != '[') out += ',';
            append_json_string(out, value);
        }
        out += ']';
        return *this;
    }
    /// A value that is JSON already.
    JsonObject& json(std::string_view name, std::string_view value) {
        begin(name) += value;
        return *this;
    }
    /// `"a":1,"b":2`; nothing when it is empty.
    JsonObject& members(std::string_view fragment) {
        if (!fragment.empty()) separate().append(fragment);
        return *this;
    }
    /// Starts a member whose value the caller appends.
    std::string& begin(std::string_view name) { return separate().append("\"").append(name).append("\":"); }
    void end() { out_ += '}'; }

  private:
    std::string& separate() {
        if (out_.back() != '{') out_ += ',';
        return out_;
    }
    std::string& out_;
};

}  // namespace headwater::rest
