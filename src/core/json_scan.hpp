#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace headwater::json {

/// Private to core's JSON files: one iterative SAX pass over a text by the rules of intake, and what was
/// wrong with it.

using Stream = rapidjson::MemoryStream;

constexpr std::size_t kMaxNumberLength = 1000;
constexpr unsigned kScanFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseNumbersAsStringsFlag;

/// A syntax error: where (bytes from 0) and why (a clause in plain words).
struct Mistake {
    std::size_t offset = 0;
    std::string reason;
};
[[nodiscard]] std::string to_sentence(const Mistake& mistake);

/// A byte order mark, a NUL byte or a surrogate escape without its partner: what RapidJSON lets pass.
[[nodiscard]] std::optional<Mistake> find_forbidden_bytes(std::string_view text);

/// The text with every number that RapidJSON may find too big replaced by a small one of the same length.
[[nodiscard]] std::string with_small_numbers(std::string_view text);

[[nodiscard]] std::string reason_of(rapidjson::ParseErrorCode code);

/// Runs the handler over the text. `handler.start(stream)` is called before each pass (there may be two: the
/// second one sees big numbers as small ones, at the same offsets). A handler that returns false must keep
/// its own reason; the mistake that is returned then has none.
template <class Handler>
[[nodiscard]] std::optional<Mistake> scan(std::string_view text, Handler& handler) {
    if (auto forbidden = find_forbidden_bytes(text)) return forbidden;
    const auto pass = [&handler](std::string_view bytes) {
        Stream stream(bytes.data(), bytes.size());
        handler.start(stream);
        rapidjson::Reader reader;
        return reader.Parse<kScanFlags>(stream, handler);
    };
    auto result = pass(text);
    if (result.Code() == rapidjson::kParseErrorNumberTooBig) result = pass(with_small_numbers(text));
    if (!result.IsError()) return std::nullopt;
    return Mistake{result.Offset(), reason_of(result.Code())};
}

}  // namespace headwater::json
