// The servers and links that the other tests stand on do what those tests believe.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>

#include "tests/support/eventually.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/http_receiver.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/rabbit_server.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace headwater::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool takes_connections(std::uint16_t port) {
    try {
        return connect_to(port).is_open();
    } catch (const std::system_error&) {
        return false;
    }
}

TEST(TestServers, PostgresKeepsItsDataThroughKill) {
    PostgresServer server;
    server.run_sql("CREATE TABLE kept AS SELECT 7 AS value");
    server.kill();
    EXPECT_THROW(server.run_sql("TABLE kept"), std::runtime_error);
    server.start();
    EXPECT_EQ(server.run_sql("TABLE kept"), "7\n");
    server.restart();
    EXPECT_EQ(server.run_sql("TABLE kept"), "7\n");
}

TEST(TestServers, RabbitComesBackOnItsPortAndRaisesAlarms) {
    RabbitServer rabbit;
    EXPECT_TRUE(takes_connections(rabbit.port()));
    rabbit.raise_alarm();
    EXPECT_NE(rabbit.control({"eval", "rabbit_alarm:get_alarms()."}).find("resource_limit"),
              std::string::npos);
    rabbit.clear_alarm();
    EXPECT_EQ(rabbit.control({"eval", "rabbit_alarm:get_alarms()."}), "[]\n");
    rabbit.kill();
    EXPECT_TRUE(eventually(seconds(10), [&] { return !takes_connections(rabbit.port()); }));
    rabbit.start();
    EXPECT_TRUE(takes_connections(rabbit.port()));
    rabbit.stop();
    EXPECT_TRUE(eventually(seconds(10), [&] { return !takes_connections(rabbit.port()); }));
}

TEST(TestServers, ReceiverRecordsAndAnswersAsTold) {
    HttpReceiver receiver;
    receiver.answer_with({.status = 503, .headers = {{"Retry-After", "2"}}, .body = "later"});
    HttpClient client(receiver.port(), milliseconds(300));
    const HttpAnswer answer = client.request("POST", "/hook?a=b", "{}", {{"X-One", "1"}});
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("retry-after"), "2");
    EXPECT_EQ(answer.body, "later");
    ASSERT_TRUE(receiver.wait_for(1));
    const ReceivedRequest request = receiver.requests().front();
    EXPECT_EQ(request.method + " " + request.target + " " + request.body, "POST /hook?a=b {}");
    EXPECT_EQ(request.header("x-one"), "1");

    receiver.answer_with({.way = Reply::Way::hang});
    EXPECT_THROW(client.request("GET", "/"), std::runtime_error);
    receiver.answer_with({.way = Reply::Way::reset});
    EXPECT_THROW(http_request(receiver.port(), "GET", "/"), std::runtime_error);
    receiver.answer_with({.way = Reply::Way::endless});
    HttpClient endless(receiver.port());
    EXPECT_TRUE(endless.send("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_TRUE(endless.read_until(std::string(1 << 20, 'x')));
    receiver.stop();
    EXPECT_FALSE(takes_connections(receiver.port()));
    receiver.start();
    EXPECT_TRUE(takes_connections(receiver.port()));
}

TEST(TestServers, ProxyCutsStallsAndMends) {
    HttpReceiver receiver;
    TcpProxy proxy(receiver.port());
    HttpClient client(proxy.port(), milliseconds(300));
    EXPECT_EQ(client.request("GET", "/1").status, 200);

    proxy.stall();
    EXPECT_TRUE(client.send("GET /2 HTTP/1.1\r\n\r\n"));
    EXPECT_FALSE(client.read_answer());
    EXPECT_EQ(receiver.requests().size(), 1U);
    proxy.withhold_answers();
    EXPECT_TRUE(receiver.wait_for(2));
    EXPECT_FALSE(client.read_answer());
    proxy.mend();
    EXPECT_TRUE(client.read_answer());

    proxy.cut();
    EXPECT_TRUE(client.sees_end());
    EXPECT_FALSE(takes_connections(proxy.port()));
    proxy.mend();
    EXPECT_EQ(http_request(proxy.port(), "GET", "/3").status, 200);
    EXPECT_TRUE(eventually(seconds(5), [&] { return proxy.connections() == 0; }));
}

TEST(TestServers, ProxyLeadsToPostgresThroughItsSocket) {
    const PostgresServer server;
    const TcpProxy proxy(server.socket_path());
    const auto done = postgres::run(
        {.arguments = {"/usr/bin/psql", "-XAtd", server.url_through(proxy.port()), "-c", "SELECT 5"}},
        std::chrono::steady_clock::now() + seconds(20));
    EXPECT_EQ(done.output, "5\n");
}

}  // namespace
}  // namespace headwater::testing
