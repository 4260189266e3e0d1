#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace headwater::sinks {

/// The key that signs a webhook's deliveries (Standard Webhooks 1.0.0): `whsec_` and the base64 of 24 to 64
/// bytes.
class WebhookSecret {
  public:
    /// Nothing when the text is no such secret.
    [[nodiscard]] static std::optional<WebhookSecret> parse(std::string_view text);
    /// A new one, of 32 random bytes.
    [[nodiscard]] static WebhookSecret make();

    [[nodiscard]] const std::string& text() const { return text_; }
    /// The value of `webhook-signature`: "v1," and the base64 of the HMAC-SHA256 over
    /// `{id}.{timestamp}.{body}`. From any thread.
    [[nodiscard]] std::string sign(std::string_view id, std::string_view timestamp,
                                   std::string_view body) const;

  private:
    WebhookSecret(std::string text, std::string_view key);

    struct Mac;

    std::string text_;
    std::shared_ptr<Mac> mac_;
};

}  // namespace headwater::sinks
