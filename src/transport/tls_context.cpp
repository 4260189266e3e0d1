#include "transport/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <ctime>
#include <new>
#include <string_view>

#include "transport/tls_pem.hpp"

namespace headwater::transport {
namespace {

using Time = std::chrono::system_clock::time_point;

// RFC 9325 section 4.2: forward secrecy and authenticated encryption, nothing else.
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kCiphers13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr std::string_view kAlpn("\x08http/1.1", 9);
constexpr unsigned char kSessionsOf[] = "headwater";

/// RFC 7301 section 3.2: who offers protocols but not this one is refused.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    unsigned char* found = nullptr;
    const int outcome =
        SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(kAlpn.data()),
                              static_cast<unsigned>(kAlpn.size()), offered, offered_size);
    *chosen = found;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_protocol(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_cipher_list(context, kCiphers12);
    SSL_CTX_set_ciphersuites(context, kCiphers13);
    SSL_CTX_set1_groups_list(context, kGroups);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    // Tickets keep a session at the client: nothing here grows with the number of clients.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, kSessionsOf, sizeof kSessionsOf - 1);
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);  // a record in one call of the kernel, not two
}

bool set_identity(SSL_CTX* context, const std::vector<X509Ptr>& chain, EVP_PKEY* key) {
    bool is_taken =
        SSL_CTX_use_certificate(context, chain[0].get()) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
    for (std::size_t i = 1; i < chain.size() && is_taken; ++i) {
        is_taken = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
    }
    ERR_clear_error();
    return is_taken;
}

Time to_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}

TlsContext::TlsContext(Context context) : context_(std::move(context)) {
    const X509* own = SSL_CTX_get0_certificate(context_.get());
    valid_from_ = to_time(X509_get0_notBefore(own));
    valid_until_ = to_time(X509_get0_notAfter(own));
}

std::expected<TlsContextPtr, std::vector<std::string>> TlsContext::load(const TlsFiles& files) {
    const auto chain = read_certificates(files.certificate);
    const auto key = read_key(files.key);
    std::vector<std::string> mistakes;
    if (!chain) mistakes.push_back(chain.error());
    if (!key) mistakes.push_back(key.error());
    if (!mistakes.empty()) return std::unexpected(std::move(mistakes));
    if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
        ERR_clear_error();
        return std::unexpected(
            std::vector{fmt::format("the key in '{}' does not belong to the first certificate in '{}'",
                                    files.key.string(), files.certificate.string())});
    }
    Context context(SSL_CTX_new(TLS_server_method()));
    if (!context) throw std::bad_alloc();
    set_protocol(context.get());
    if (!set_identity(context.get(), *chain, key->get())) {
        return std::unexpected(std::vector{
            fmt::format("TLS does not take the certificate in '{}': its key or its signature is too weak",
                        files.certificate.string())});
    }
    return TlsContextPtr(new TlsContext(std::move(context)));
}

SSL* TlsContext::new_connection() const {
    SSL* connection = SSL_new(context_.get());
    if (connection == nullptr) throw std::bad_alloc();
    SSL_set_accept_state(connection);
    return connection;
}

}  // namespace headwater::transport
