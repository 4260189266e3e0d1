#include "sinks/webhook/webhook_signature.hpp"

#include <gtest/gtest.h>

namespace headwater::sinks {
namespace {

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST(WebhookSecret, SignsTheStandardsOwnExample) {
    const auto secret = WebhookSecret::parse(kSecret);
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSecret, MakesOnesThatItCanRead) {
    const WebhookSecret one = WebhookSecret::make();
    EXPECT_TRUE(WebhookSecret::parse(one.text()));
    EXPECT_NE(one.text(), WebhookSecret::make().text());
}

TEST(WebhookSecret, WantsTwentyFourToSixtyFourBytes) {
    const auto of_base64 = [](std::size_t length) {
        return WebhookSecret::parse("whsec_" + std::string(length, 'A')).has_value();
    };
    EXPECT_FALSE(of_base64(28));                                                // 21 bytes
    EXPECT_TRUE(of_base64(32));                                                 // 24
    EXPECT_TRUE(of_base64(84));                                                 // 63
    EXPECT_TRUE(WebhookSecret::parse("whsec_" + std::string(86, 'A') + "=="));  // 64
    EXPECT_FALSE(of_base64(88));                                                // 66
    EXPECT_FALSE(of_base64(400));
    for (const char* text :
         {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
          "whsec_!!KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
        EXPECT_FALSE(WebhookSecret::parse(text)) << text;
    }
}

}  // namespace
}  // namespace headwater::sinks
