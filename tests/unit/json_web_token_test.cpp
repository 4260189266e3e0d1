#include "core/json_web_token.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <vector>

namespace headwater {
namespace {

using Algorithm = TokenRule::Algorithm;

const std::string kSecret = "a secret of at least 32 bytes, yes";
const Timestamp kNow{std::chrono::seconds(1'000'000)};

std::string base64url(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6) out += kAlphabet[(bits >> (count - 6)) & 63];
    }
    if (count > 0) out += kAlphabet[(bits << (6 - count)) & 63];
    return out;
}

std::string hs256(std::string_view text, std::string_view key) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
    return {reinterpret_cast<const char*>(mac.data()), size};
}

std::string token(std::string_view claims, std::string_view header = R"({"alg":"HS256","typ":"JWT"})",
                  std::string_view key = kSecret) {
    const std::string text = base64url(header) + "." + base64url(claims);
    return text + "." + base64url(hs256(text, key));
}

TokenRulePtr rule(std::string issuer = "", std::string audience = "") {
    return TokenRule::make({Algorithm::HS256, kSecret, std::move(issuer), std::move(audience)}).value();
}

/// An RSA key pair, made once.
struct RsaKey {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
    ~RsaKey() { EVP_PKEY_free(key); }
    [[nodiscard]] std::string public_pem() const {
        BIO* bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(bio, key);
        std::string pem(2000, ' ');
        const int size = BIO_read(bio, pem.data(), static_cast<int>(pem.size()));
        pem.resize(static_cast<std::size_t>(size));
        BIO_free(bio);
        return pem;
    }
    [[nodiscard]] std::string sign(std::string_view text) const {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key);
        std::vector<unsigned char> signature(512);
        std::size_t size = signature.size();
        EVP_DigestSign(context, signature.data(), &size, reinterpret_cast<const unsigned char*>(text.data()),
                       text.size());
        EVP_MD_CTX_free(context);
        return {signature.begin(), signature.begin() + static_cast<std::ptrdiff_t>(size)};
    }
};

TEST(JsonWebToken, SaysWhoItsSubjectIs) {
    const auto bearer = rule()->verify(token(R"({"sub":"alice","exp":1000001})"), kNow);
    ASSERT_TRUE(bearer);
    EXPECT_EQ(bearer->user, "alice");
    EXPECT_EQ(bearer->expires_at, kNow + std::chrono::seconds(1));
    EXPECT_TRUE(rule()->verify(token(R"({"sub":"alice"})"), kNow));
}

TEST(JsonWebToken, TimesAreKeptToTheSecond) {
    EXPECT_FALSE(rule()->verify(token(R"({"sub":"a","exp":1000000})"), kNow));
    EXPECT_FALSE(rule()->verify(token(R"({"sub":"a","nbf":1000001})"), kNow));
    EXPECT_TRUE(rule()->verify(token(R"({"sub":"a","nbf":1000000,"exp":1000000.5})"), kNow));
    EXPECT_TRUE(rule()->verify(token(R"({"sub":"a","exp":99999999999999})"), kNow));
    for (const char* claims : {R"({"sub":"a","exp":"1000001"})", R"({"sub":"a","exp":null})",
                               R"({"sub":"a","nbf":true})", R"({"sub":"a","exp":-1})"}) {
        EXPECT_FALSE(rule()->verify(token(claims), kNow)) << claims;
    }
}

TEST(JsonWebToken, TheAlgorithmIsTheRules) {
    const std::string claims = R"({"sub":"alice"})";
    for (const char* header :
         {R"({"alg":"none"})", R"({"alg":"hs256"})", R"({"alg":"HS384"})", R"({"alg":"RS256"})", R"({})",
          R"({"alg":"HS256","crit":["x"],"x":1})", R"({"alg":"none","alg":"HS256"})", R"(["HS256"])"}) {
        EXPECT_FALSE(rule()->verify(token(claims, header), kNow)) << header;
    }
    const std::string unsigned_token = base64url(R"({"alg":"none"})") + "." + base64url(claims) + ".";
    EXPECT_FALSE(rule()->verify(unsigned_token, kNow));
}

TEST(JsonWebToken, ASignatureWithThePublicKeyAsSecretIsWorthNothing) {
    const RsaKey key;
    const std::string pem = key.public_pem();
    const auto rsa = TokenRule::make({Algorithm::RS256, pem, "", ""}).value();
    const std::string text = base64url(R"({"alg":"RS256"})") + "." + base64url(R"({"sub":"alice"})");
    const auto bearer = rsa->verify(text + "." + base64url(key.sign(text)), kNow);
    ASSERT_TRUE(bearer);
    EXPECT_EQ(bearer->user, "alice");
    EXPECT_FALSE(rsa->verify(token(R"({"sub":"alice"})", R"({"alg":"HS256"})", pem), kNow));
    EXPECT_FALSE(rsa->verify(token(R"({"sub":"alice"})", R"({"alg":"RS256"})", pem), kNow));
    EXPECT_FALSE(rsa->verify(text + ".", kNow));
}

TEST(JsonWebToken, OneChangedByteIsTooMany) {
    const std::string good = token(R"({"sub":"alice","exp":1000001})");
    ASSERT_TRUE(rule()->verify(good, kNow));
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(rule()->verify(bad, kNow)) << i;
    }
    EXPECT_FALSE(rule()->verify(good + "=", kNow));
    EXPECT_FALSE(rule()->verify(good + ".x", kNow));
    EXPECT_FALSE(rule()->verify(good.substr(0, good.size() - 1), kNow));
    EXPECT_FALSE(rule()->verify(token(R"({"sub":"alice"})", R"({"alg":"HS256"})", kSecret + "x"), kNow));
}

TEST(JsonWebToken, IssuerAndAudienceMustBeTheRules) {
    const auto strict = rule("me", "headwater");
    EXPECT_TRUE(strict->verify(token(R"({"sub":"a","iss":"me","aud":"headwater"})"), kNow));
    EXPECT_TRUE(strict->verify(token(R"({"sub":"a","iss":"me","aud":["x","headwater"]})"), kNow));
    for (const char* claims :
         {R"({"sub":"a"})", R"({"sub":"a","iss":"me"})", R"({"sub":"a","iss":"you","aud":"headwater"})",
          R"({"sub":"a","iss":"me","aud":["x"]})", R"({"sub":"a","iss":["me"],"aud":"headwater"})"}) {
        EXPECT_FALSE(strict->verify(token(claims), kNow)) << claims;
    }
}

TEST(JsonWebToken, ItsSubjectMustBeAUser) {
    for (const char* claims : {R"({})", R"({"sub":5})", R"({"sub":""})", R"({"sub":"a\u0000b"})", R"([])",
                               R"({"sub":"a","sub":"b"})", "7"}) {
        EXPECT_FALSE(rule()->verify(token(claims), kNow)) << claims;
    }
}

TEST(JsonWebToken, HostileTextsAreNoTokens) {
    for (const std::string& text :
         {std::string(), std::string(".."), std::string("a.b.c"), std::string(100'000, 'A'),
          std::string(100, '.'), token(std::string(5000, '[') + std::string(5000, ']'))}) {
        EXPECT_FALSE(rule()->verify(text, kNow));
    }
}

TEST(TokenRule, WeakKeysAreRefused) {
    EXPECT_FALSE(TokenRule::make({Algorithm::HS256, std::string(31, 'x'), "", ""}));
    EXPECT_FALSE(TokenRule::make({Algorithm::RS256, kSecret, "", ""}));
    EXPECT_FALSE(TokenRule::make({Algorithm::RS256, "", "", ""}));
}

TEST(TokenRule, ComesBackFromItsStoredForm) {
    const auto back = parse_stored_rule(to_stored_json(*rule("me \"x\"", "you")));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->definition().key, kSecret);
    EXPECT_EQ(back->definition().issuer, "me \"x\"");
    EXPECT_EQ(back->definition().audience, "you");
    EXPECT_FALSE(parse_stored_rule("{}"));
}

}  // namespace
}  // namespace headwater
