#include "core/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace headwater {
namespace {

struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// One per thread: looking SHA-256 up and allocating a context costs more than a short digest itself.
EVP_MD_CTX* fresh_context() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
    if (EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return context.get();
}

Sha256 finish(EVP_MD_CTX* context) {
    Sha256 digest;
    EVP_DigestFinal_ex(context, digest.data(), nullptr);
    return digest;
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
    EVP_MD_CTX* context = fresh_context();
    EVP_DigestUpdate(context, bytes.data(), bytes.size());
    return finish(context);
}

Sha256 sha256_of_parts(std::span<const std::string_view> parts) {
    EVP_MD_CTX* context = fresh_context();
    for (const std::string_view part : parts) {
        const std::uint64_t size = part.size();
        EVP_DigestUpdate(context, &size, sizeof size);
        EVP_DigestUpdate(context, part.data(), part.size());
    }
    return finish(context);
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
    Sha256 mac{};
    unsigned int size = 0;
    const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), begin, bytes.size(), mac.data(),
             &size) == nullptr) {
        throw std::runtime_error("HMAC-SHA-256 is not available");
    }
    return mac;
}

bool are_equal_in_constant_time(const Sha256& a, const Sha256& b) {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace headwater
