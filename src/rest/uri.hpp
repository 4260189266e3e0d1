#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headwater::rest {

/// Decodes %XX. Nothing for a broken escape, or for a NUL byte or invalid UTF-8 in the result.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
/// The same for a query's names and values, where '+' stands for a space.
[[nodiscard]] std::optional<std::string> query_decode(std::string_view text);

/// Encodes everything but RFC 3986's unreserved characters and those that may stand in a path segment
/// unescaped.
[[nodiscard]] std::string encode_segment(std::string_view text);
/// The same for a query value; ',', ':' and '*' stay readable.
[[nodiscard]] std::string encode_query_value(std::string_view text);

/// A request target cut into pieces: views of the target's own bytes, still encoded.
struct Target {
    std::string_view path;
    std::string_view query;
    std::string_view authority;  ///< of an absolute-form target; "" otherwise
};
/// Reads origin-form, absolute-form (http and https) and "*". Nothing for anything else.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

/// The decoded segments of a path; one '/' at the end is ignored. Nothing when an escape is broken.
[[nodiscard]] std::optional<std::vector<std::string>> split_path(std::string_view path);

/// A query's parameters, decoded, in order.
class Query {
  public:
    /// Nothing when an escape is broken.
    [[nodiscard]] static std::optional<Query> parse(std::string_view text);
    /// The first value of that name; nothing when it is absent.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

  private:
    std::vector<std::pair<std::string, std::string>> parameters_;
};

/// The target with the values of access_token and token, and the secret of /ping/, replaced: for logs.
[[nodiscard]] std::string redact_target(std::string_view target);

/// RFC 3986's host with an optional port, as in the Host header.
[[nodiscard]] bool is_valid_authority(std::string_view text);

}  // namespace headwater::rest
