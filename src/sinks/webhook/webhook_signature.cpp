#include "sinks/webhook/webhook_signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <span>
#include <stdexcept>
#include <vector>

namespace headwater::sinks {
namespace {

constexpr std::string_view kPrefix = "whsec_";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(std::span<const unsigned char> bytes) {
    std::vector<unsigned char> text(4 * ((bytes.size() + 2) / 3) + 1);
    const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    return {text.begin(), text.begin() + length};
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

}  // namespace

std::optional<WebhookSecret> WebhookSecret::parse(std::string_view text) {
    if (!text.starts_with(kPrefix)) return std::nullopt;
    auto key = from_base64(text.substr(kPrefix.size()));
    if (!key || key->size() < 24 || key->size() > 64) return std::nullopt;
    return WebhookSecret(std::string(text), std::move(*key));
}

WebhookSecret WebhookSecret::make() {
    std::array<unsigned char, 32> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("no random bytes");
    return {std::string(kPrefix) + to_base64(bytes), std::string(bytes.begin(), bytes.end())};
}

std::string WebhookSecret::sign(std::string_view id, std::string_view timestamp,
                                std::string_view body) const {
    std::string signed_text;
    signed_text.reserve(id.size() + timestamp.size() + body.size() + 2);
    signed_text.append(id).append(".").append(timestamp).append(".").append(body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes_of(signed_text), signed_text.size(),
         digest.data(), &length);
    return "v1," + to_base64({digest.data(), length});
}

}  // namespace headwater::sinks
