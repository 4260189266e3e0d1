#include "sinks/rabbit/rabbit_url.hpp"

#include <gtest/gtest.h>

namespace headwater::sinks {
namespace {

TEST(RabbitUrl, TakesAnAuthorityForTls) {
    const auto url = RabbitUrl::parse("amqps://u:p@h:5671/v?cacertfile=/etc/own/ca.pem");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->address, "amqps://u:p@h:5671/v");
    EXPECT_EQ(url->ca_file, "/etc/own/ca.pem");
    EXPECT_EQ(RabbitUrl::parse("amqps://h")->ca_file, "/etc/ssl/certs/ca-certificates.crt");
    EXPECT_EQ(RabbitUrl::parse("amqp://u:p@h/")->address, "amqp://u:p@h/");
}

TEST(RabbitUrl, RefusesWhatItWouldIgnore) {
    for (const char* text : {"", "http://h", "amqp:/h", "amqp://h?cacertfile=/x", "amqps://h?heartbeat=5",
                             "amqps://h?cacertfile=", "amqps://h?cacertfile=/x&verify=verify_none"}) {
        EXPECT_FALSE(RabbitUrl::parse(text)) << text;
    }
}

}  // namespace
}  // namespace headwater::sinks
