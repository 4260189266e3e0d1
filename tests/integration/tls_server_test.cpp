#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "rest/server.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_server_fixture.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"
#include "transport/tls_identity.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string post(std::string_view body) {
    return "POST /api/events/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// The public port with a certificate of its own.
class SecureServer {
  public:
    explicit SecureServer(rest::ServerOptions options = {}) : fixture(with_tls(std::move(options))) {}

    [[nodiscard]] TlsClient connect(TlsOffer offer = {}) const {
        offer.authority = certificate.authority;
        return TlsClient(fixture.server.port(), offer);
    }
    [[nodiscard]] TlsClient shake_hands(TlsOffer offer = {}) const {
        TlsClient client = connect(std::move(offer));
        EXPECT_TRUE(client.shake_hands()) << client.failure();
        return client;
    }

    TempDir folder;
    TestCertificate certificate = make_certificate(folder.path());
    std::shared_ptr<transport::TlsIdentity> identity = make_identity();
    HttpServerFixture fixture;

  private:
    std::shared_ptr<transport::TlsIdentity> make_identity() const {
        std::signal(SIGPIPE, SIG_IGN);  // as the server's own process does
        return std::make_shared<transport::TlsIdentity>(
            transport::TlsFiles{certificate.certificate, certificate.key});
    }
    rest::ServerOptions with_tls(rest::ServerOptions options) const {
        options.tls = identity;
        return options;
    }
};

TEST(TlsServer, KeepsAConnectionAndAnswersPipelinedRequestsInOrder) {
    SecureServer f;
    TlsClient client = f.shake_hands();
    EXPECT_EQ(client.version(), "TLSv1.3");
    EXPECT_EQ(client.get("/healthz").status, 200);
    std::string bytes;
    for (int i = 0; i < 50; ++i)
        bytes += post(R"({"type":"a:b","payload":1})") + "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n";
    ASSERT_TRUE(client.send(bytes));
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(client.read_answer("POST").value_or(HttpAnswer{}).status, 201);
        ASSERT_EQ(client.read_answer().value_or(HttpAnswer{}).status, 404);
    }
    EXPECT_EQ(f.fixture.log.size(), 50U);
}

TEST(TlsServer, LinksToItselfWithHttps) {
    SecureServer f;
    TlsClient client = f.shake_hands();
    ASSERT_TRUE(client.send(post(R"({"type":"a:b","payload":1})")));
    const auto answer = client.read_answer("POST");
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->header("Location").value_or(""), StartsWith("https://localhost/api/events/"));
}

TEST(TlsServer, SpeaksTls12AndLaterOnly) {
    SecureServer f;
    for (const std::string version : {"TLSv1.2", "TLSv1.3"}) {
        TlsClient client = f.shake_hands({.min_version = version, .max_version = version});
        EXPECT_EQ(client.version(), version);
        EXPECT_EQ(client.get("/healthz").status, 200);
    }
    for (const std::string version : {"TLSv1", "TLSv1.1"}) {
        TlsClient old = f.connect({.min_version = version, .max_version = version});
        EXPECT_FALSE(old.shake_hands());
        EXPECT_THAT(old.failure(), HasSubstr("alert protocol version"));
    }
}

TEST(TlsServer, ChoosesHttp11ByAlpn) {
    SecureServer f;
    EXPECT_EQ(f.shake_hands({.protocols = "\x02h2\x08http/1.1"}).protocol(), "http/1.1");
    EXPECT_EQ(f.shake_hands().protocol(), "");
    TlsClient other = f.connect({.protocols = "\x02h2"});
    EXPECT_FALSE(other.shake_hands());
    EXPECT_THAT(other.failure(), HasSubstr("no application protocol"));
}

TEST(TlsServer, TellsPlainHttpWhatThePortSpeaks) {
    SecureServer f;
    for (const std::string& bytes :
         {std::string("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), post(std::string(100'000, ' ')),
          std::string("GET /api/events/stream HTTP/1.1\r\nHost: x\r\n\r\n"),
          std::string("nonsense\r\n\r\n")}) {
        HttpClient client = f.fixture.connect();
        ASSERT_TRUE(client.send(bytes));
        const auto answer = client.read_answer();
        ASSERT_TRUE(answer) << bytes.substr(0, 40);
        EXPECT_EQ(answer->status, 400);
        EXPECT_THAT(answer->body, HasSubstr("This port speaks HTTPS."));
        EXPECT_THAT(answer->body, HasSubstr("/problems/https-required"));
        EXPECT_TRUE(client.sees_end());
    }
    EXPECT_EQ(f.fixture.live_count, 0);
}

TEST(TlsServer, ShowsANewCertificateToNewConnectionsOnly) {
    SecureServer f;
    TlsClient before = f.shake_hands();
    EXPECT_EQ(before.server_name(), "localhost");
    const std::filesystem::path former = f.folder / "former.pem";
    std::filesystem::copy(f.certificate.authority, former);
    f.certificate = make_certificate(f.folder.path(), "renewed");
    TlsClient meanwhile(f.fixture.server.port(), {.authority = former});
    ASSERT_TRUE(meanwhile.shake_hands()) << meanwhile.failure();
    EXPECT_EQ(meanwhile.server_name(), "localhost") << "it has not been told yet";
    ASSERT_TRUE(f.identity->reload());
    EXPECT_EQ(f.shake_hands().server_name(), "renewed");
    EXPECT_EQ(before.get("/healthz").status, 200);
}

TEST(TlsServer, KeepsTheOldCertificateWhenTheNewFilesAreBad) {
    SecureServer f;
    std::filesystem::resize_file(f.certificate.key, 10);
    EXPECT_FALSE(f.identity->reload());
    EXPECT_EQ(f.shake_hands().get("/healthz").status, 200);
    std::filesystem::remove(f.certificate.certificate);
    EXPECT_FALSE(f.identity->reload());
    EXPECT_EQ(f.shake_hands().get("/healthz").status, 200);
}

TEST(TlsServer, EndsHandshakesThatDoNotComeToTheirEnd) {
    rest::ServerOptions options;
    options.handshake_timeout = 100ms;
    SecureServer f(options);
    const std::string hello = TlsClient::client_hello();
    for (const std::string& begun : {std::string(), hello.substr(0, 1), hello.substr(0, 50), hello}) {
        HttpClient client = f.fixture.connect();
        ASSERT_TRUE(client.send(begun));
        EXPECT_TRUE(client.sees_end()) << begun.size();
    }
    EXPECT_TRUE(eventually(10s, [&] { return f.fixture.server.wait_until_drained(0ms); }));
    EXPECT_EQ(f.shake_hands().get("/healthz").status, 200);
}

TEST(TlsServer, CountsHandshakesAmongTheConnections) {
    rest::ServerOptions options;
    options.connections.total = 1;
    options.handshake_timeout = 60s;
    SecureServer f(options);
    HttpClient half = f.fixture.connect();
    ASSERT_TRUE(half.send(TlsClient::client_hello()));
    ASSERT_TRUE(half.read_until("\x16\x03\x03"));  // the server's hello
    EXPECT_EQ(f.shake_hands().get("/healthz").status, 503);
    half.abort();
    EXPECT_TRUE(eventually(10s, [&] { return f.shake_hands().get("/healthz").status == 200; }));
}

TEST(TlsServer, OutlivesResetsAndNonsenseInEveryPhase) {
    SecureServer f;
    const std::string hello = TlsClient::client_hello();
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        HttpClient client = f.fixture.connect();
        std::string bytes = hello.substr(0, random() % (hello.size() + 1));
        if (round % 2 == 0 && bytes.size() > 1)
            bytes[1 + random() % (bytes.size() - 1)] ^= static_cast<char>(random());
        client.send(bytes);
        if (round % 3 == 0) client.abort();
    }
    const std::string request = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int round = 0; round < 50; ++round) {
        TlsClient client = f.shake_hands();
        const bool is_whole = round % 2 == 0;
        client.send(request.substr(0, is_whole ? request.size() : random() % request.size()));
        if (is_whole) (void)client.read_exactly(random() % 2000);
        reset_on_close(client.socket());
    }
    EXPECT_EQ(f.shake_hands().get("/healthz").status, 200);
}

TEST(TlsServer, RefusesRecordsThatWereTamperedWith) {
    SecureServer f;
    TlsClient client = f.shake_hands();
    EXPECT_EQ(client.get("/healthz").status, 200);
    ASSERT_TRUE(send_all(client.socket(), std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x')));
    EXPECT_FALSE(client.read_answer());
    EXPECT_EQ(f.shake_hands().get("/healthz").status, 200);
}

TEST(TlsServer, CarriesLargeBodiesBothWaysWhateverTheSizeOfRecords) {
    SecureServer f;
    const std::string event = R"({"type":"a:b","payload":")" + std::string(900'000, 'x') + R"("})";
    for (const std::size_t fragment : {0U, 512U, 4096U}) {
        for (const std::string version : {"TLSv1.2", "TLSv1.3"}) {
            TlsClient client = f.shake_hands({.max_version = version, .max_fragment = fragment});
            ASSERT_TRUE(client.send(post(event)));
            const auto answer = client.read_answer("POST");
            ASSERT_TRUE(answer);
            ASSERT_EQ(answer->status, 201) << answer->body;
            const HttpAnswer whole = client.get("/openapi.yaml");
            EXPECT_EQ(whole.body, f.shake_hands().get("/openapi.yaml").body);
        }
    }
}

TEST(TlsServer, TakesARequestByteByByte) {
    SecureServer f;
    TlsClient client = f.shake_hands();
    for (const char byte : post(R"({"type":"a:b","payload":1})")) ASSERT_TRUE(client.send({&byte, 1}));
    EXPECT_EQ(client.read_answer("POST").value_or(HttpAnswer{}).status, 201);
}

TEST(TlsServer, WritesOnceASlowReaderReadsAgainAndEndsOneThatDoesNot) {
    rest::ServerOptions options;
    options.write_timeout = 1s;
    SecureServer f(options);
    constexpr int kRequests = 400;
    std::string requests;
    for (int i = 0; i < kRequests; ++i) requests += "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string whole = f.shake_hands().get("/openapi.yaml").body;
    {
        TlsClient slow = f.shake_hands();
        ASSERT_TRUE(slow.send(requests));
        for (int i = 0; i < kRequests; ++i) {
            const auto answer = slow.read_answer();
            ASSERT_TRUE(answer) << i;
            ASSERT_EQ(answer->body, whole) << i;
        }
    }
    TlsClient deaf = f.shake_hands();
    ASSERT_TRUE(deaf.send(requests));
    EXPECT_TRUE(eventually(20s, [&] { return f.fixture.server.wait_until_drained(0ms); }))
        << "the others were closed by their clients";
}

TEST(TlsServer, SaysGoodbyeSoThatNobodyTakesTheEndForACut) {
    SecureServer f;
    TlsClient client = f.shake_hands();
    ASSERT_TRUE(client.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    EXPECT_EQ(client.read_answer().value_or(HttpAnswer{}).status, 200);
    EXPECT_TRUE(client.sees_goodbye());
    TlsClient idle = f.shake_hands();
    EXPECT_EQ(idle.get("/healthz").status, 200);
    f.fixture.server.stop_accepting();
    EXPECT_TRUE(idle.sees_goodbye());
}

TEST(TlsServer, StopsWhileHandshakesAreUnderWay) {
    SecureServer f;
    HttpClient silent = f.fixture.connect();
    HttpClient half = f.fixture.connect();
    ASSERT_TRUE(half.send(TlsClient::client_hello()));
    ASSERT_TRUE(half.read_until("\x16\x03\x03"));
    f.fixture.server.stop_accepting();
    EXPECT_TRUE(f.fixture.server.wait_until_drained(10s));
    EXPECT_TRUE(silent.sees_end());
}

}  // namespace
}  // namespace headwater::testing
