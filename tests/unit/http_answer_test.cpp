#include "sinks/webhook/http_answer.hpp"

#include <gtest/gtest.h>

#include "sinks/webhook/webhook_answer.hpp"

namespace headwater::sinks {
namespace {

using State = HttpAnswer::State;

/// The answer as it is understood when it comes in pieces of this size.
HttpAnswer read_in_pieces(std::string_view bytes, std::size_t size) {
    HttpAnswer answer;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size())))
        answer.take(bytes.substr(0, size));
    return answer;
}

HttpAnswer read(std::string_view bytes) {
    return read_in_pieces(bytes, bytes.size());
}

TEST(HttpAnswer, IsTheSameInWhateverPiecesItComes) {
    const std::string_view text =
        "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"
        "HTTP/1.1 503 Service Unavailable\r\nretry-AFTER:  7 \r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
        "5;name=value\r\nhello\r\n 1a \r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: x\r\n\r\n";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        const HttpAnswer answer = read_in_pieces(text, size);
        ASSERT_EQ(answer.state(), State::done) << size;
        EXPECT_EQ(answer.status(), 503);
        EXPECT_EQ(answer.body(), "helloabcdefghijklmnopqrstuvwxyz");
        EXPECT_EQ(answer.retry_after(), "7");
        EXPECT_TRUE(answer.keeps_connection());
        EXPECT_EQ(read_in_pieces(text.substr(0, text.size() - 1), size).state(), State::body);
    }
}

TEST(HttpAnswer, EndsWhereTheStandardSays) {
    EXPECT_EQ(read("HTTP/1.1 204 No Content\r\n\r\n").state(), State::done);
    EXPECT_EQ(read("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n").state(), State::done);
    EXPECT_EQ(read("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").state(), State::done);
    EXPECT_EQ(read("HTTP/1.1 200 OK\nContent-Length: 2\n\nok").body(), "ok");
    HttpAnswer until_end = read("HTTP/1.1 200 OK\r\n\r\nall that comes");
    EXPECT_EQ(until_end.state(), State::body);
    EXPECT_EQ(until_end.end(), State::done);
    EXPECT_EQ(until_end.body(), "all that comes");
    EXPECT_FALSE(until_end.keeps_connection());
    EXPECT_EQ(read("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n").state(), State::done);
}

TEST(HttpAnswer, KnowsWhenAnotherRequestMayFollow) {
    const auto keeps = [](std::string_view text) { return read(text).keeps_connection(); };
    EXPECT_TRUE(keeps("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    EXPECT_TRUE(keeps("HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok"));
    EXPECT_TRUE(keeps("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"));
    EXPECT_FALSE(keeps("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok"));
    EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!")) << "something is left over";
    EXPECT_FALSE(
        keeps("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.1 101 Switching\r\n\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"));
}

TEST(HttpAnswer, RefusesWhatIsNoHttp) {
    for (const std::string_view text :
         {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n",
          "HTTP/1.1\t200 OK\r\n", "HTTP/1.1 099 no\r\n", "\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"}) {
        const HttpAnswer answer = read(text);
        EXPECT_EQ(answer.state(), State::broken) << text;
        EXPECT_FALSE(answer.keeps_connection());
    }
}

TEST(HttpAnswer, IsBrokenWhenItIsCutShort) {
    for (const std::string_view text : {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"}) {
        HttpAnswer answer = read(text);
        EXPECT_EQ(answer.end(), State::broken) << text;
        EXPECT_EQ(answer.is_untouched(), text.empty());
    }
}

TEST(HttpAnswer, HoldsNoMoreThanItKeeps) {
    HttpAnswer answer = read("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(10'000, 'x');
    int pieces = 0;
    while (answer.take(piece) == State::body) ++pieces;
    EXPECT_EQ(answer.state(), State::cut_off);
    EXPECT_EQ(pieces, 6);
    EXPECT_EQ(answer.body().size(), kMaxResponseKept);
    EXPECT_FALSE(answer.keeps_connection());
}

TEST(HttpAnswer, EndsHeadersWithoutEnd) {
    HttpAnswer answer = read("HTTP/1.1 200 OK\r\n");
    int lines = 0;
    while (answer.take("X: 1234567890\r\n") == State::head) ++lines;
    EXPECT_EQ(answer.state(), State::broken);
    EXPECT_LT(lines, 5000);
    HttpAnswer interim;
    lines = 0;
    while (interim.take("HTTP/1.1 100 Continue\r\n\r\n") == State::head) ++lines;
    EXPECT_EQ(interim.state(), State::broken);
    EXPECT_LT(lines, 5000);
}

TEST(HttpAnswer, ServesAgain) {
    HttpAnswer answer = read("HTTP/1.0 500 no\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nbody");
    answer.restart();
    EXPECT_TRUE(answer.is_untouched());
    EXPECT_EQ(answer.status(), 0);
    EXPECT_EQ(answer.take("HTTP/1.1 204 No Content\r\n\r\n"), State::done);
    EXPECT_EQ(answer.status(), 204);
    EXPECT_EQ(answer.body(), "");
    EXPECT_EQ(answer.retry_after(), std::nullopt);
    EXPECT_TRUE(answer.keeps_connection());
}

}  // namespace
}  // namespace headwater::sinks
