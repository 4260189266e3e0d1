#include "tests/support/http_client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <stdexcept>

namespace headwater::testing {
namespace {

int status_of(const HttpHead& head) {
    const auto space = head.first_line.find(' ');
    return space == std::string::npos ? 0 : std::stoi(head.first_line.substr(space + 1));
}

bool has_body(std::string_view method, int status) {
    return method != "HEAD" && status != 204 && status != 304;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port, std::chrono::milliseconds patience)
    : socket_(connect_to(port)), reader_(socket_.get(), patience) {}

bool HttpClient::send(std::string_view bytes) {
    return send_all(socket_, bytes);
}

std::optional<HttpAnswer> HttpClient::read_answer(std::string_view method) {
    const auto head = reader_.read_head();
    if (!head) {
        return std::nullopt;
    }
    HttpAnswer answer{.status = status_of(*head), .headers = head->headers, .body = {}};
    if (answer.status == 100) {
        return read_answer(method);
    }
    if (has_body(method, answer.status)) {
        auto body = reader_.read_body(answer.headers, HttpReader::Unframed::to_end);
        if (!body) {
            return std::nullopt;
        }
        answer.body = std::move(*body);
    }
    return answer;
}

HttpAnswer HttpClient::request(std::string_view method, std::string_view target, std::string_view body,
                               const HttpHeaders& headers) {
    std::string bytes = fmt::format("{} {} HTTP/1.1\r\n", method, target);
    if (!find_header(headers, "Host")) {
        bytes += "Host: 127.0.0.1\r\n";
    }
    if (!body.empty() || method == "POST" || method == "PUT") {
        bytes += fmt::format("Content-Length: {}\r\n", body.size());
    }
    if (!body.empty() && !find_header(headers, "Content-Type")) {
        bytes += "Content-Type: application/json\r\n";
    }
    for (const auto& [name, value] : headers) {
        bytes += fmt::format("{}: {}\r\n", name, value);
    }
    bytes += "\r\n";
    bytes += body;
    const bool is_sent = send(bytes);
    auto answer = read_answer(method);
    if (!answer) {
        throw std::runtime_error(
            fmt::format("no answer to {} {}{}", method, target, is_sent ? "" : " (not sent)"));
    }
    return std::move(*answer);
}

void HttpClient::finish_sending() {
    ::shutdown(socket_.get(), SHUT_WR);
}

void HttpClient::abort() {
    reset_on_close(socket_);
    socket_.reset();
}

HttpAnswer http_request(std::uint16_t port, std::string_view method, std::string_view target,
                        std::string_view body, const HttpHeaders& headers) {
    return HttpClient(port).request(method, target, body, headers);
}

}  // namespace headwater::testing
