#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <string>

#include "rest/headers.hpp"

namespace headwater::rest {

/// A request as it stood on the wire.
struct RawRequest {
    std::string method;
    std::string target;
    int version = 11;  ///< 10 or 11
    Headers headers;
    std::string body;
    bool is_chunked = false;

    void clear();
};

/// Why a request cannot be read any further. The connection is closed behind the answer.
enum class ParseError {
    syntax,
    version,
    target_too_long,
    headers_too_large,
    body_too_large,
    transfer_encoding,
    conflicting_framing,
    host,
};

/// Reads one request from the bytes of a connection with Beast's parser, stricter than it where two readers
/// could disagree about where a request ends. One object per request; writes into a RawRequest that the
/// connection keeps.
class RequestParser : private boost::beast::http::basic_parser<true> {
  public:
    static constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;
    static constexpr std::size_t kMaxTargetBytes = 8 * 1024;
    static constexpr std::size_t kMaxFields = 100;

    explicit RequestParser(RawRequest& request);

    enum class Progress { need_more, header_done, done, failed };
    /// Consumes what it can of `bytes` and says how much. After header_done call again for the body.
    Progress feed(std::string_view bytes, std::size_t& consumed);

    [[nodiscard]] ParseError error() const { return error_; }
    [[nodiscard]] bool has_header() const { return is_header_done(); }
    [[nodiscard]] bool is_complete() const { return is_done(); }
    [[nodiscard]] bool wants_keep_alive() const { return keep_alive(); }
    /// The Content-Length; 0 without a body or when it is chunked.
    [[nodiscard]] std::uint64_t declared_length() const { return declared_length_; }
    /// From now on a body past this many bytes is an error.
    void set_max_body(std::size_t bytes) { max_body_ = bytes; }

  private:
    using verb = boost::beast::http::verb;
    using field = boost::beast::http::field;
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;

    void on_request_impl(verb method, string_view method_text, string_view target, int version,
                         error_code& ec) override;
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(field name, string_view name_text, string_view value, error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
    std::size_t on_body_impl(string_view body, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t remaining, string_view body, error_code& ec) override;
    void on_finish_impl(error_code&) override {}

    void fail(ParseError error, error_code& ec);
    [[nodiscard]] ParseError classify(const error_code& ec, std::string_view bytes) const;

    RawRequest& request_;
    ParseError error_ = ParseError::syntax;
    bool has_own_error_ = false;
    std::uint64_t declared_length_ = 0;
    std::size_t max_body_ = 0;
    int lengths_ = 0;
    int encodings_ = 0;
    int hosts_ = 0;
};

}  // namespace headwater::rest
