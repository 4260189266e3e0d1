#include "core/json_web_token.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <rapidjson/document.h>

#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/json_text.hpp"
#include "core/room.hpp"

namespace headwater {
namespace {

constexpr std::size_t kMaxToken = 8 * 1024;
constexpr std::size_t kLeastSecret = 32;  // RFC 7518 section 3.2
constexpr int kLeastBits = 2048;          // RFC 7518 section 3.3
constexpr int kMaxDepth = 16;

using Algorithm = TokenRule::Algorithm;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

int value_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    return c == '_' ? 63 : -1;
}

/// RFC 4648 section 5, without padding and with no bits left over: one text for each sequence of bytes.
std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = value_of(c);
        if (value < 0) return std::nullopt;
        bits = ((bits << 6) | static_cast<unsigned>(value)) & 0xfffff;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<char>((bits >> count) & 0xff));
    }
    if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

struct Parts {
    std::string_view signed_text;  ///< header and claims as they were signed
    std::string header;
    std::string claims;
    std::string signature;
};

std::optional<Parts> split(std::string_view token) {
    if (token.size() > kMaxToken) return std::nullopt;
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    auto header = from_base64url(token.substr(0, first));
    auto claims = from_base64url(token.substr(first + 1, second - first - 1));
    auto signature = from_base64url(token.substr(second + 1));
    if (!header || !claims || !signature) return std::nullopt;
    return Parts{token.substr(0, second), std::move(*header), std::move(*claims), std::move(*signature)};
}

/// One flat look at a JSON object whose depth is bounded.
class Claims {
  public:
    static std::optional<Claims> read(const std::string& json) {
        Claims claims;
        if (!check_json(json, kMaxDepth)) return std::nullopt;
        claims.document_.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
        if (claims.document_.HasParseError() || !claims.document_.IsObject()) return std::nullopt;
        return claims;
    }
    /// Of a member that stands there twice, nobody knows which one its signer meant.
    [[nodiscard]] bool is_ambiguous() const {
        for (auto one = document_.MemberBegin(); one != document_.MemberEnd(); ++one) {
            if (document_.FindMember(one->name) != one) return true;
        }
        return false;
    }
    [[nodiscard]] const rapidjson::Value* find(const char* name) const {
        const auto member = document_.FindMember(name);
        return member == document_.MemberEnd() ? nullptr : &member->value;
    }

  private:
    rapidjson::Document document_;
};

std::optional<std::string_view> text_of(const rapidjson::Value* value) {
    if (value == nullptr || !value->IsString()) return std::nullopt;
    return std::string_view(value->GetString(), value->GetStringLength());
}

/// RFC 7519 section 2, NumericDate. Absent: nothing inside; no date at all: no value.
std::optional<std::optional<Timestamp>> date_of(const rapidjson::Value* value) {
    if (value == nullptr) return std::optional<Timestamp>();
    constexpr double kLast = 253'402'300'799;  // the year 9999
    if (!value->IsNumber()) return std::nullopt;
    const double seconds = value->GetDouble();
    if (!std::isfinite(seconds) || seconds < 0) return std::nullopt;
    if (seconds > kLast) return std::optional<Timestamp>();
    return std::optional(Timestamp(std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6))));
}

bool is_meant_for(const rapidjson::Value* audience, std::string_view us) {
    if (audience == nullptr) return false;
    if (!audience->IsArray()) return text_of(audience) == us;
    for (const rapidjson::Value& one : audience->GetArray()) {
        if (text_of(&one) == us) return true;
    }
    return false;
}

bool has_header(const Parts& parts, Algorithm algorithm) {
    const auto header = Claims::read(parts.header);
    return header && !header->is_ambiguous() && text_of(header->find("alg")) == to_string(algorithm) &&
           header->find("crit") == nullptr;
}

}  // namespace

struct TokenRule::PublicKey {
    EVP_PKEY* key;
    explicit PublicKey(EVP_PKEY* given) : key(given) {}
    ~PublicKey() { EVP_PKEY_free(key); }
    PublicKey(const PublicKey&) = delete;
    PublicKey& operator=(const PublicKey&) = delete;
};

TokenRule::TokenRule(Definition definition) : definition_(std::move(definition)) {}
TokenRule::~TokenRule() = default;

std::expected<TokenRulePtr, std::string> TokenRule::make(Definition definition) {
    std::shared_ptr<TokenRule> rule(new TokenRule(std::move(definition)));
    const std::string& key = rule->definition_.key;
    if (rule->definition_.algorithm == Algorithm::HS256) {
        if (key.size() < kLeastSecret)
            return std::unexpected("A secret of at least 32 bytes is needed here.");
        return rule;
    }
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(key.data(), static_cast<int>(key.size())), &BIO_free);
    EVP_PKEY* read = bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr;
    if (read == nullptr) return std::unexpected("A public key in PEM (BEGIN PUBLIC KEY) is needed here.");
    rule->public_key_ = std::make_unique<PublicKey>(read);
    if (EVP_PKEY_get_base_id(read) != EVP_PKEY_RSA || EVP_PKEY_get_bits(read) < kLeastBits) {
        return std::unexpected("An RSA key of at least 2,048 bits is needed here.");
    }
    return rule;
}

bool TokenRule::is_signed(std::string_view text, std::string_view signature) const {
    if (definition_.algorithm == Algorithm::HS256) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
        unsigned int size = 0;
        const std::string& key = definition_.key;
        if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
                 mac.data(), &size) == nullptr) {
            return false;
        }
        return signature.size() == size && CRYPTO_memcmp(signature.data(), mac.data(), size) == 0;
    }
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    return context &&
           EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, public_key_->key) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

std::optional<TokenRule::Bearer> TokenRule::verify(std::string_view token, Timestamp now) const {
    const auto parts = split(token);
    if (!parts || !has_header(*parts, definition_.algorithm) ||
        !is_signed(parts->signed_text, parts->signature)) {
        return std::nullopt;
    }
    const auto claims = Claims::read(parts->claims);
    if (!claims || claims->is_ambiguous()) return std::nullopt;
    const auto expires = date_of(claims->find("exp"));
    const auto begins = date_of(claims->find("nbf"));
    if (!expires || !begins || (*expires && now >= **expires) || (*begins && now < **begins))
        return std::nullopt;
    if (!definition_.issuer.empty() && text_of(claims->find("iss")) != definition_.issuer)
        return std::nullopt;
    if (!definition_.audience.empty() && !is_meant_for(claims->find("aud"), definition_.audience))
        return std::nullopt;
    const auto user = text_of(claims->find("sub"));
    if (!user || !is_user_name(*user)) return std::nullopt;
    return Bearer{std::string(*user), *expires};
}

std::string_view to_string(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::HS256:
            return "HS256";
        case Algorithm::RS256:
            return "RS256";
    }
    return "";
}

std::optional<Algorithm> parse_token_algorithm(std::string_view text) {
    if (text == "HS256") return Algorithm::HS256;
    if (text == "RS256") return Algorithm::RS256;
    return std::nullopt;
}

bool is_like_web_token(std::string_view text) {
    const std::size_t first = text.find('.');
    if (!text.starts_with("eyJ") || first == std::string_view::npos) return false;
    const std::size_t second = text.find('.', first + 1);
    return second != std::string_view::npos && text.find('.', second + 1) == std::string_view::npos;
}

std::string to_stored_json(const TokenRule& rule) {
    const TokenRule::Definition& definition = rule.definition();
    std::string json = R"({"alg":)" + to_json_string(to_string(definition.algorithm));
    json += R"(,"key":)" + to_json_string(definition.key);
    json += R"(,"issuer":)" + to_json_string(definition.issuer);
    return json + R"(,"audience":)" + to_json_string(definition.audience) + "}";
}

TokenRulePtr parse_stored_rule(std::string_view json) {
    const auto stored = Claims::read(std::string(json));
    if (!stored) return nullptr;
    const auto text = [&](const char* name) {
        return std::string(text_of(stored->find(name)).value_or(std::string_view()));
    };
    const auto algorithm = parse_token_algorithm(text("alg"));
    if (!algorithm) return nullptr;
    auto rule = TokenRule::make({*algorithm, text("key"), text("issuer"), text("audience")});
    return rule ? *rule : nullptr;
}

}  // namespace headwater
