#include "sinks/webhook/webhook_signature.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <mutex>
#include <span>
#include <stdexcept>

namespace headwater::sinks {
namespace {

constexpr std::string_view kPrefix = "whsec_";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// Of at most 64 bytes.
std::string to_base64(std::string_view prefix, std::span<const unsigned char> bytes) {
    std::array<unsigned char, 100> text;
    const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    return std::string(prefix).append(reinterpret_cast<const char*>(text.data()),
                                      static_cast<std::size_t>(length));
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0 || text.size() > 128) return std::nullopt;
    std::array<unsigned char, 128> bytes{};
    const int length = EVP_DecodeBlock(bytes.data(), bytes_of(text), static_cast<int>(text.size()));
    if (length < 0) return std::nullopt;
    // EVP_DecodeBlock counts the padding as bytes.
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    return std::string(bytes.begin(), bytes.begin() + length - static_cast<std::ptrdiff_t>(padding));
}

struct FreeMac {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

void check(int is_done) {
    if (is_done != 1) throw std::runtime_error("no HMAC");
}

/// HMAC-SHA256 with its key: looking the algorithm up takes several times as long as signing an event.
std::unique_ptr<EVP_MAC_CTX, FreeMac> keyed_mac(std::string_view key) {
    const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    check(mac ? 1 : 0);
    std::unique_ptr<EVP_MAC_CTX, FreeMac> context(EVP_MAC_CTX_new(mac.get()));
    std::string digest = OSSL_DIGEST_NAME_SHA2_256;
    const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                            OSSL_PARAM_construct_end()};
    check(context ? 1 : 0);
    check(EVP_MAC_init(context.get(), bytes_of(key), key.size(), params.data()));
    return context;
}

}  // namespace

/// Set to the key once and for all; each signature begins there.
struct WebhookSecret::Mac {
    std::mutex mutex;
    std::unique_ptr<EVP_MAC_CTX, FreeMac> keyed;  // guarded by mutex
};

WebhookSecret::WebhookSecret(std::string text, std::string_view key)
    : text_(std::move(text)), mac_(std::make_shared<Mac>()) {
    mac_->keyed = keyed_mac(key);
}

std::optional<WebhookSecret> WebhookSecret::parse(std::string_view text) {
    if (!text.starts_with(kPrefix)) return std::nullopt;
    auto key = from_base64(text.substr(kPrefix.size()));
    if (!key || key->size() < 24 || key->size() > 64) return std::nullopt;
    return WebhookSecret(std::string(text), *key);
}

WebhookSecret WebhookSecret::make() {
    std::array<unsigned char, 32> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("no random bytes");
    return {to_base64(kPrefix, bytes),
            std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
}

std::string WebhookSecret::sign(std::string_view id, std::string_view timestamp,
                                std::string_view body) const {
    const std::lock_guard lock(mac_->mutex);
    EVP_MAC_CTX* mac = mac_->keyed.get();
    check(EVP_MAC_init(mac, nullptr, 0, nullptr));  // the key stays
    for (const std::string_view piece : {id, std::string_view("."), timestamp, std::string_view("."), body}) {
        check(EVP_MAC_update(mac, bytes_of(piece), piece.size()));
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    std::size_t length = 0;
    check(EVP_MAC_final(mac, digest.data(), &length, digest.size()));
    return to_base64("v1,", {digest.data(), length});
}

}  // namespace headwater::sinks
