#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headwater::sinks {

/// Reads the answer to a POST, an HTTP/1.x response (RFC 9112), as its bytes come. What it does not
/// understand is `broken`, and what is longer than anybody needs is `cut_off`: the connection is then of no
/// more use. One thread.
class HttpAnswer {
  public:
    enum class State {
        head,     ///< status and headers have not come in full
        body,     ///< the status is known, the body still comes
        done,     ///< all of it is here
        cut_off,  ///< more than kMaxResponseRead bytes of body
        broken,   ///< no HTTP
    };

    /// Makes ready for the next answer.
    void restart();
    State take(std::string_view bytes);
    /// The peer sends no more: that ends a body of unknown length, and breaks everything else.
    State end();

    [[nodiscard]] State state() const { return state_; }
    /// Nothing has come yet.
    [[nodiscard]] bool is_untouched() const { return size_ == 0; }
    /// Of the final response, once its headers have come; before that 0.
    [[nodiscard]] int status() const { return state_ == State::head ? 0 : status_; }
    /// The value of Retry-After, as it came.
    [[nodiscard]] const std::optional<std::string>& retry_after() const { return retry_after_; }
    /// The first kMaxResponseKept bytes of the body.
    [[nodiscard]] const std::string& body() const { return body_; }
    /// True when another request may follow on this connection: all is read, nothing is left over, and the
    /// peer has not said that it closes (RFC 9112 section 9.3).
    [[nodiscard]] bool keeps_connection() const;

  private:
    enum class Part { status_line, headers, length, chunk_size, chunk, chunk_end, trailers, until_end };

    [[nodiscard]] std::optional<std::string_view> take_line();
    [[nodiscard]] bool advance();
    [[nodiscard]] bool take_body();
    void on_line(std::string_view line);
    void on_status_line(std::string_view line);
    void on_header(std::string_view line);
    void on_content_length(std::string_view value);
    void on_connection(std::string_view value);
    void on_headers_end();
    void on_chunk_size(std::string_view line);
    void fail() { state_ = State::broken; }

    State state_ = State::head;
    Part part_ = Part::status_line;
    std::string input_;  // what has come and is not read
    std::size_t read_ = 0;
    std::size_t size_ = 0;        // of everything that has come
    std::size_t line_bytes_ = 0;  // of everything but the body
    int status_ = 0;
    bool is_1_0_ = false;
    bool closes_ = false;
    bool stays_ = false;  // "Connection: keep-alive"
    bool is_chunked_ = false;
    bool has_coding_ = false;
    std::optional<std::uint64_t> length_;
    std::uint64_t left_ = 0;  // of the body, or of the chunk
    std::uint64_t body_size_ = 0;
    std::optional<std::string> retry_after_;
    std::string body_;
};

}  // namespace headwater::sinks
