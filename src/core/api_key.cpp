#include "core/api_key.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/base64.hpp"

namespace headwater {
namespace {

constexpr std::string_view kPrefix = "hw_";
constexpr std::size_t kShownCharacters = 9;
constexpr std::size_t kMaxName = 100;

}  // namespace

bool is_key_name(std::string_view text) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_.:@-").contains(c);
    };
    return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, is_allowed);
}

std::string make_key_secret() {
    std::array<unsigned char, 32> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("There are no random bytes to make a key of.");
    return std::string(kPrefix) + to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string shown_part_of(std::string_view secret) {
    return std::string(secret.substr(0, kShownCharacters));
}

Sha256 hash_of_key_secret(std::string_view secret) {
    return sha256(secret);
}

Grants to_grants(const std::vector<KeyGrant>& grants) {
    Grants all;
    for (const auto& [scope, types] : grants) all.add(scope, types);
    return all;
}

}  // namespace headwater
