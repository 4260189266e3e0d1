#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace headwater {

/// How a namespace's users prove who they are: the one algorithm and key that their JSON Web Tokens must be
/// signed with, and what they must say. Immutable, so free to share between threads.
class TokenRule {
  public:
    enum class Algorithm { HS256, RS256 };
    struct Definition {
        Algorithm algorithm{};
        std::string
            key;  ///< HS256: the secret, at least 32 bytes; RS256: a public key in PEM, at least 2,048 bits
        std::string issuer;    ///< what `iss` must be; "" when it is not looked at
        std::string audience;  ///< what `aud` must be or hold; "" when it is not looked at
    };
    /// Who a token stands for.
    struct Bearer {
        std::string user;  ///< its `sub`
        std::optional<Timestamp> expires_at;
    };

    /// The error is one sentence about the key.
    [[nodiscard]] static std::expected<std::shared_ptr<const TokenRule>, std::string> make(
        Definition definition);
    ~TokenRule();
    TokenRule(const TokenRule&) = delete;
    TokenRule& operator=(const TokenRule&) = delete;

    /// Verifies one token (RFC 7519, RFC 7515, RFC 8725): three parts of unpadded base64url, `alg` exactly
    /// the rule's, no `crit`, the signature, then `exp`, `nbf`, `iss`, `aud` and a `sub` that can be a user's
    /// name. Nothing when anything is wrong: why is nobody's business.
    [[nodiscard]] std::optional<Bearer> verify(std::string_view token, Timestamp now) const;

    [[nodiscard]] const Definition& definition() const { return definition_; }

  private:
    struct PublicKey;
    explicit TokenRule(Definition definition);
    [[nodiscard]] bool is_signed(std::string_view text, std::string_view signature) const;

    const Definition definition_;
    std::unique_ptr<PublicKey> public_key_;  ///< of RS256
};
using TokenRulePtr = std::shared_ptr<const TokenRule>;

[[nodiscard]] std::string_view to_string(TokenRule::Algorithm algorithm);
[[nodiscard]] std::optional<TokenRule::Algorithm> parse_token_algorithm(std::string_view text);

/// It has the shape of a JSON Web Token: three parts, the first of which begins like a JSON object.
[[nodiscard]] bool is_like_web_token(std::string_view text);

/// The rule as it is stored, secret included, and back. Nothing for a text that is none.
[[nodiscard]] std::string to_stored_json(const TokenRule& rule);
[[nodiscard]] TokenRulePtr parse_stored_rule(std::string_view json);

}  // namespace headwater
