// Requests that were broken at random, thrown at the real server; with the debug preset, under the address
// sanitizer. HEADWATER_FUZZ_SECONDS and HEADWATER_FUZZ_SEED make it longer and different.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "tests/support/eventually.hpp"
#include "tests/support/headwater_process.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/request_mutator.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string with_body(const std::string& line, const std::string& body, const std::string& more = "") {
    return line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + more +
           fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
}

std::string without_body(const std::string& line, const std::string& more = "") {
    return line + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

/// One of each kind that the server understands.
std::vector<std::string> valid_requests() {
    const std::string event = R"({"type":"fuzz:a","payload":{"a":[1,2.5,"x",null,true]},"subject":"s"})";
    const std::string upgrade =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const std::string masked_text("\x81\x96\0\0\0\0{\"subscribe\":[\"a:**\"]}", 28);
    const std::string masked_ping("\x89\x82\0\0\0\0hi", 8);
    const std::string masked_close("\x88\x82\0\0\0\0\x03\xe8", 8);
    return {
        with_body("PUT /api/events/register", R"({"type":"fuzz:a","ttl":"1hour"})"),
        with_body("PUT /api/events/register",
                  R"({"type":"fuzz:b","ttl":"ephemeral","schema":{"type":"object"}})"),
        with_body("POST /api/events/send", event, "Idempotency-Key: k\r\n"),
        with_body("POST /api/events/send", "[" + event + "," + event + "]"),
        "POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        "Transfer-Encoding: chunked\r\n\r\n45\r\n" +
            event + "\r\n0\r\n\r\n",
        "POST /api/events/send HTTP/1.1\r\nHost: x\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /a\r\n"
        "ce-type: fuzz:a\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi",
        without_body("GET /api/events/feed/hour/current?types=fuzz:*&limit=5", "Accept-Encoding: gzip\r\n"),
        without_body("GET /api/events/feed/day/2018-02-01/client/c"),
        without_body("GET /api/events/feed/2018-02-01T00:00:00Z/to/2038-02-01T00:00:00Z?order=asc"),
        without_body("GET /api/events/1"),
        without_body("PUT /api/events/1/ok/c"),
        with_body("PUT /api/events/ok/c", R"({"ids":["1","2"]})"),
        without_body("GET /api/events/register"),
        without_body("GET /api/streams"),
        without_body("GET /api/monitors"),
        without_body("OPTIONS *"),
        without_body("HEAD /openapi.yaml", "If-None-Match: \"x\"\r\n"),
        without_body("GET /healthz", "X-Forwarded-For: 1.2.3.4\r\n"),
        without_body("GET /api/events/stream?types=fuzz:*&since=beginning", "Accept: text/event-stream\r\n"),
        without_body("GET /api/events/?types=fuzz:*", upgrade) + masked_text + masked_ping,
        without_body("GET /api/events/?since=beginning", upgrade) + masked_text + masked_close,
    };
}

/// Sends the bytes in pieces, reads what comes in between, and leaves in one of the ways there are.
class HostileConnection {
  public:
    HostileConnection(std::uint16_t port, RequestMutator& mutator)
        : socket_(connect_to(port)), mutator_(mutator) {
        ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
    }

    /// What the server has said.
    std::string converse(std::string_view bytes) {
        const auto deadline = std::chrono::steady_clock::now() + 2s;
        while (!bytes.empty() && std::chrono::steady_clock::now() < deadline) {
            const std::size_t piece = mutator_.pick(4) == 0 ? 1 + mutator_.pick(bytes.size()) : bytes.size();
            const ssize_t sent = ::send(socket_.get(), bytes.data(), piece, MSG_NOSIGNAL);
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
            if (sent < 0 && errno != EAGAIN) break;
            receive(0ms);
        }
        const std::size_t ending = mutator_.pick(8);
        if (ending == 0) reset_on_close(socket_);
        if (ending == 1) ::shutdown(socket_.get(), SHUT_WR);
        if (ending >= 2) receive(20ms);
        return std::move(answer_);
    }

  private:
    void receive(std::chrono::milliseconds patience) {
        pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        std::array<char, 64 << 10> bytes{};
        while (::poll(&readable, 1, static_cast<int>(patience.count())) > 0) {
            const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
            if (got <= 0) return;
            answer_.append(bytes.data(), static_cast<std::size_t>(got));
        }
    }

    FileDescriptor socket_;
    RequestMutator& mutator_;
    std::string answer_;
};

std::size_t resident_bytes(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/statm", process));
    std::size_t size = 0;
    std::size_t resident = 0;
    file >> size >> resident;
    return resident * 4096;
}

TEST(HttpFuzz, BrokenRequestsGetAnAnswerOrAnEndAndTheServerServesOn) {
    HeadwaterProcess server({"--log-level", "warn", "--max-connections", "300"});
    server.start();
    const auto seed = number_from("HEADWATER_FUZZ_SEED", 20261127);
    RequestMutator mutator(valid_requests(), seed);
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(number_from("HEADWATER_FUZZ_SECONDS", 5));
    std::size_t connections = 0;
    std::size_t answers = 0;
    while (std::chrono::steady_clock::now() < end) {
        const std::string bytes = mutator.next();
        const std::string answer = HostileConnection(server.port(), mutator).converse(bytes);
        ++connections;
        if (answer.empty()) continue;
        ++answers;
        ASSERT_TRUE(answer.starts_with("HTTP/1.1 ")) << "seed " << seed << ": " << bytes;
        ASSERT_THAT(answer, Not(HasSubstr("HTTP/1.1 500"))) << "seed " << seed << ": " << bytes;
        if (connections % 100 == 0) {
            ASSERT_EQ(http_request(server.port(), "GET", "/healthz").status, 200) << "seed " << seed;
        }
    }
    EXPECT_GT(answers, connections / 4) << connections;
    EXPECT_EQ(http_request(server.port(), "GET", "/readyz").status, 200);
    EXPECT_THAT(server.standard_error(), Not(HasSubstr("Sanitizer")));
    EXPECT_THAT(server.standard_error(), Not(HasSubstr("runtime error")));
    RecordProperty("connections", std::to_string(connections));
    RecordProperty("resident_bytes", std::to_string(resident_bytes(server.pid())));
    const auto ended = server.stop();
    ASSERT_TRUE(ended) << "it does not stop";
    EXPECT_TRUE(ended->is_success()) << to_string(*ended) << server.standard_error();
}

}  // namespace
}  // namespace headwater::testing
