#include "sinks/rabbit/rabbit_destination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater::sinks {
namespace {

const std::vector<RabbitBroker> kBrokers{{"default", "amqp://a"}, {"far", "amqp://b"}};

std::vector<std::string> mistakes(const std::string& json) {
    std::vector<std::string> pointers;
    if (const auto parsed = RabbitDestination::parse(json, kBrokers); !parsed) {
        for (const FieldError& error : parsed.error()) pointers.push_back(error.pointer);
    }
    return pointers;
}

TEST(RabbitDestination, ReadsTheContractsExample) {
    const auto to = RabbitDestination::parse(
        R"({"source":"rabbit","exchange":"campaigns","routingKey":"end-budget"})", kBrokers);
    ASSERT_TRUE(to);
    EXPECT_EQ(
        to->to_json(),
        R"({"exchange":"campaigns","exchangeType":"topic","routingKey":"end-budget","connection":"default",)"
        R"("persistent":true,"mandatory":true})");
    EXPECT_EQ(to->default_name(), "rabbit-campaigns");
    EXPECT_EQ(RabbitDestination::from_json(to->to_json()).to_json(), to->to_json());
}

TEST(RabbitDestination, PutsTheTypeIntoTheRoutingKey) {
    RabbitDestination to;
    EXPECT_EQ(to.routing_key_for("a:b"), "a:b");
    to.routing_key = "x.{type}.{type}";
    EXPECT_EQ(to.routing_key_for("{type}"), "x.{type}.{type}");
    EXPECT_EQ(to.routing_key_for("t"), "x.t.t");
}

TEST(RabbitDestination, NamesItselfByItsPlaceAlone) {
    const auto name = [](const std::string& json) {
        return RabbitDestination::parse(json, kBrokers)->default_name();
    };
    EXPECT_EQ(name(R"({"exchange":"a","routingKey":"x"})"), name(R"({"exchange":"a","routingKey":"y"})"));
    EXPECT_EQ(name(R"({"exchange":"a","vhost":"/v","connection":"far"})"), "rabbit-a--v-far");
}

TEST(RabbitDestination, ReportsEveryMistake) {
    EXPECT_THAT(
        mistakes(
            R"({"exchange":"","exchangeType":"x","vhost":1,"connection":"none","persistent":"yes","a":1})"),
        ::testing::UnorderedElementsAre("/exchange", "/exchangeType", "/vhost", "/connection", "/persistent",
                                        "/a"));
    EXPECT_THAT(mistakes("{\"exchange\":\"" + std::string(256, 'x') + "\"}"),
                ::testing::ElementsAre("/exchange"));
    EXPECT_THAT(mistakes(R"({"exchange":"a\nb"})"), ::testing::ElementsAre("/exchange"));
}

}  // namespace
}  // namespace headwater::sinks
