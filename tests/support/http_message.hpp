#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headwater::testing {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The first header with this name, in any case.
[[nodiscard]] std::optional<std::string> find_header(const HttpHeaders& headers, std::string_view name);

/// A message's first line and headers.
struct HttpHead {
    std::string first_line;
    HttpHeaders headers;
};
/// `text` ends before the empty line.
[[nodiscard]] HttpHead parse_head(std::string_view text);

/// Takes HTTP/1.1 messages from a socket, which it borrows. Every call gives up (nothing) after the patience,
/// counted from the last bytes that came.
class HttpReader {
  public:
    using Patience = std::chrono::milliseconds;
    /// What a message without a length has for a body: a request none, an answer everything to the end.
    enum class Unframed { empty, to_end };

    HttpReader(int socket, Patience patience) : socket_(socket), patience_(patience) {}

    /// Up to the mark, which is taken but not returned.
    [[nodiscard]] std::optional<std::string> read_until(std::string_view mark);
    [[nodiscard]] std::optional<std::string> read_exactly(std::size_t size);
    [[nodiscard]] std::optional<HttpHead> read_head();
    [[nodiscard]] std::optional<std::string> read_body(const HttpHeaders& headers, Unframed unframed);
    /// True when the peer ends the connection, orderly or by a reset; what still comes before is skipped.
    [[nodiscard]] bool sees_end();

  private:
    enum class Got { bytes, end, nothing };
    Got receive();
    [[nodiscard]] std::optional<std::string> read_chunks();
    [[nodiscard]] std::optional<std::string> read_to_end();

    int socket_;
    Patience patience_;
    std::string buffer_;
};

}  // namespace headwater::testing
