#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/http_message.hpp"
#include "tests/support/sockets.hpp"

namespace headwater::testing {

struct HttpAnswer {
    int status = 0;
    HttpHeaders headers;
    std::string body;

    [[nodiscard]] std::optional<std::string> header(std::string_view name) const {
        return find_header(headers, name);
    }
};

/// One connection to a server on the loopback. It sends exactly the bytes it is given, wrong ones too, and
/// reads parsed answers: several requests may go out before the first answer is read.
class HttpClient {
  public:
    explicit HttpClient(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::seconds(10));

    /// False when the server has ended the connection.
    bool send(std::string_view bytes);
    /// The next answer; nothing when the connection ends or stays silent first. An answer to HEAD has no
    /// body.
    [[nodiscard]] std::optional<HttpAnswer> read_answer(std::string_view method = "GET");
    /// Sends a request with Host and Content-Length and reads its answer; throws std::runtime_error when none
    /// comes.
    HttpAnswer request(std::string_view method, std::string_view target, std::string_view body = {},
                       const HttpHeaders& headers = {});

    /// For streams: what follows an answer's headers (or a part of it), up to a mark that is taken but not
    /// returned.
    [[nodiscard]] std::optional<HttpHead> read_head() { return reader_.read_head(); }
    [[nodiscard]] std::optional<std::string> read_exactly(std::size_t size) {
        return reader_.read_exactly(size);
    }
    [[nodiscard]] std::optional<std::string> read_until(std::string_view mark) {
        return reader_.read_until(mark);
    }
    [[nodiscard]] bool sees_end() { return reader_.sees_end(); }

    /// No more requests, answers may still come.
    void finish_sending();
    /// Ends the connection with a reset.
    void abort();

  private:
    FileDescriptor socket_;
    HttpReader reader_;
};

/// One request on a connection of its own.
[[nodiscard]] HttpAnswer http_request(std::uint16_t port, std::string_view method, std::string_view target,
                                      std::string_view body = {}, const HttpHeaders& headers = {});

}  // namespace headwater::testing
