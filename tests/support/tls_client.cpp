#include "tests/support/tls_client.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <stdexcept>

namespace headwater::testing {
namespace {

constexpr timeval kPatience{10, 0};

int version_number(const std::string& name) {
    if (name == "TLSv1") return TLS1_VERSION;
    if (name == "TLSv1.1") return TLS1_1_VERSION;
    if (name == "TLSv1.2") return TLS1_2_VERSION;
    if (name == "TLSv1.3") return TLS1_3_VERSION;
    return 0;
}

std::uint8_t fragment_code(std::size_t size) {
    switch (size) {
        case 512:
            return TLSEXT_max_fragment_length_512;
        case 1024:
            return TLSEXT_max_fragment_length_1024;
        case 2048:
            return TLSEXT_max_fragment_length_2048;
        case 4096:
            return TLSEXT_max_fragment_length_4096;
        default:
            return TLSEXT_max_fragment_length_DISABLED;
    }
}

ssl_ctx_st* make_context(const TlsOffer& offer) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr) throw std::bad_alloc();
    SSL_CTX_set_security_level(context, 0);  // old versions are to be offered, not to be refused here
    SSL_CTX_set_min_proto_version(context, version_number(offer.min_version));
    SSL_CTX_set_max_proto_version(context, version_number(offer.max_version));
    SSL_CTX_set_cipher_list(context, "ALL");
    SSL_CTX_set_tlsext_max_fragment_length(context, fragment_code(offer.max_fragment));
    if (!offer.authority.empty()) {
        SSL_CTX_load_verify_file(context, offer.authority.c_str());
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    }
    const auto* protocols = reinterpret_cast<const unsigned char*>(offer.protocols.data());
    if (!offer.protocols.empty()) {
        SSL_CTX_set_alpn_protos(context, protocols, static_cast<unsigned>(offer.protocols.size()));
    }
    return context;
}

}  // namespace

void TlsClient::Free::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}

void TlsClient::Free::operator()(ssl_st* stream) const {
    SSL_free(stream);
}

TlsClient::TlsClient(std::uint16_t port, const TlsOffer& offer)
    : context_(make_context(offer)), socket_(connect_to(port)), stream_(SSL_new(context_.get())) {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    SSL_set_fd(stream_.get(), socket_.get());
    SSL_set1_host(stream_.get(), "localhost");
    std::string name = "localhost";  // as SSL_set_tlsext_host_name() does, without its cast
    SSL_ctrl(stream_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

TlsClient::~TlsClient() = default;
TlsClient::TlsClient(TlsClient&&) noexcept = default;

bool TlsClient::shake_hands() {
    ERR_clear_error();
    if (SSL_connect(stream_.get()) == 1) return true;
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    failure_ = reason == nullptr ? "the connection ended" : reason;
    return false;
}

std::string TlsClient::server_name() const {
    std::array<char, 256> name{};
    X509* certificate = SSL_get0_peer_certificate(stream_.get());
    if (certificate == nullptr) return "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    return name.data();
}

std::string TlsClient::version() const {
    return SSL_get_version(stream_.get());
}

std::string TlsClient::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

bool TlsClient::is_resumed() const {
    return SSL_session_reused(stream_.get()) == 1;
}

bool TlsClient::send(std::string_view bytes) {
    std::size_t written = 0;
    return SSL_write_ex(stream_.get(), bytes.data(), bytes.size(), &written) == 1;
}

bool TlsClient::receive() {
    std::array<char, 16 * 1024> bytes{};
    std::size_t got = 0;
    if (SSL_read_ex(stream_.get(), bytes.data(), bytes.size(), &got) != 1) return false;
    buffer_.append(bytes.data(), got);
    return true;
}

std::optional<std::string> TlsClient::read_until(std::string_view mark) {
    std::size_t at = std::string::npos;
    while ((at = buffer_.find(mark)) == std::string::npos) {
        if (!receive()) return std::nullopt;
    }
    std::string text = buffer_.substr(0, at);
    buffer_.erase(0, at + mark.size());
    return text;
}

std::optional<std::string> TlsClient::read_exactly(std::size_t size) {
    while (buffer_.size() < size) {
        if (!receive()) return std::nullopt;
    }
    std::string bytes = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return bytes;
}

std::optional<HttpAnswer> TlsClient::read_answer(std::string_view method) {
    const auto text = read_until("\r\n\r\n");
    if (!text) return std::nullopt;
    HttpHead head = parse_head(*text);
    HttpAnswer answer{
        .status = std::stoi(head.first_line.substr(9)), .headers = std::move(head.headers), .body = {}};
    const auto length = answer.header("Content-Length");
    if (method == "HEAD" || !length) return answer;
    auto body = read_exactly(std::stoul(*length));
    if (!body) return std::nullopt;
    answer.body = std::move(*body);
    return answer;
}

HttpAnswer TlsClient::get(std::string_view target) {
    const bool is_sent = send(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target));
    auto answer = read_answer();
    if (!answer)
        throw std::runtime_error(fmt::format("no answer to GET {}{}", target, is_sent ? "" : " (not sent)"));
    return std::move(*answer);
}

bool TlsClient::sees_goodbye() {
    while (receive()) continue;
    return (SSL_get_shutdown(stream_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string TlsClient::client_hello() {
    const std::unique_ptr<ssl_ctx_st, Free> context(make_context({}));
    const std::unique_ptr<ssl_st, Free> stream(SSL_new(context.get()));
    BIO* written = BIO_new(BIO_s_mem());
    SSL_set_bio(stream.get(), BIO_new(BIO_s_mem()), written);
    SSL_connect(stream.get());
    ERR_clear_error();
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(written, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace headwater::testing
