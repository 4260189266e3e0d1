#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace headwater::transport {

struct FreeX509 {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

/// All certificates of a PEM file, in its order, at least one; or a plain sentence.
[[nodiscard]] std::expected<std::vector<X509Ptr>, std::string> read_certificates(
    const std::filesystem::path& path);
/// The private key of a PEM file; or a plain sentence. Never asks anybody for a passphrase.
[[nodiscard]] std::expected<KeyPtr, std::string> read_key(const std::filesystem::path& path);

}  // namespace headwater::transport
