#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/event_parser.hpp"

namespace headwater {
namespace {

using ::testing::ElementsAre;
using Kind = Refusal::Kind;

constexpr std::string_view kContext = R"("specversion":"1.0","id":"1","source":"/s","type":"a:b")";

std::string cloud_event(std::string_view more) {
    return "{" + std::string(kContext) + std::string(more) + "}";
}

/// The event of a structured body; an empty one with a failure when it was refused.
SentEvent parsed(const std::string& body) {
    const auto read = parse_cloud_event_body(body, EventLimits{});
    if (!read || !read->items.at(0)) {
        ADD_FAILURE() << "refused: " << body;
        return {};
    }
    return *read->items[0];
}

Refusal refused(const std::string& body, const EventLimits& limits = {}) {
    const auto read = parse_cloud_event_body(body, limits);
    if (read && read->items.at(0)) {
        ADD_FAILURE() << "taken: " << body;
        return {};
    }
    return read ? read->items[0].error() : read.error();
}

std::vector<std::string> pointers_of(const Refusal& refusal) {
    std::vector<std::string> pointers;
    for (const FieldError& error : refusal.errors) pointers.push_back(error.pointer);
    return pointers;
}

TEST(CloudEventParser, MapsTheContextAndKeepsTheData) {
    const std::string body = cloud_event(
        R"(,"subject":"x","time":"2018-02-01T12:12:01+01:00","dataschema":"/d","ext":"é","n":-5,"b":true,)"
        R"("data": {"a" : 1.50})");
    const SentEvent event = parsed(body);
    EXPECT_EQ(event.type, "a:b");
    EXPECT_EQ(event.id, "1");
    EXPECT_EQ(event.source, "/s");
    EXPECT_EQ(event.subject, "x");
    EXPECT_EQ(event.occurred_at, "2018-02-01T11:12:01.000000Z");
    EXPECT_EQ(event.attributes, R"("dataschema":"/d","ext":"é","n":-5,"b":true)");
    EXPECT_EQ(event.payload, R"({"a" : 1.50})");
    EXPECT_FALSE(event.payload_base64);
}

TEST(CloudEventParser, KeepsTheTypeOfDataThatIsNotJson) {
    const std::string json = cloud_event(R"(,"datacontenttype":"application/json","data":1)");
    EXPECT_EQ(parsed(json).attributes, "");
    const std::string xml = cloud_event(R"(,"datacontenttype":"text/xml","data":"<a/>")");
    EXPECT_EQ(parsed(xml).attributes, R"("datacontenttype":"text/xml")");
    EXPECT_EQ(parsed(xml).payload, R"("<a/>")");
}

TEST(CloudEventParser, UnescapesBase64) {
    EXPECT_EQ(parsed(cloud_event(R"(,"data_base64":"AA\/\u002b")")).payload_base64, "AA/+");
    EXPECT_EQ(parsed(cloud_event(R"(,"data_base64":"")")).payload_base64, "");
    for (const char* bad : {"A", "AAA", "AA=A", "A===", "AA A", "AA-_"}) {
        const auto refusal = refused(cloud_event(",\"data_base64\":\"" + std::string(bad) + "\""));
        EXPECT_THAT(pointers_of(refusal), ElementsAre("/data_base64")) << bad;
    }
}

TEST(CloudEventParser, TakesNullForAbsent) {
    const SentEvent event = parsed(cloud_event(R"(,"subject":null,"ext":null,"data_base64":null)"));
    EXPECT_FALSE(event.subject);
    EXPECT_EQ(event.attributes, "");
    EXPECT_EQ(event.payload, "null");
    EXPECT_FALSE(event.payload_base64);
}

TEST(CloudEventParser, RequiresTheContext) {
    EXPECT_THAT(pointers_of(refused("{}")), ElementsAre("/specversion", "/id", "/source", "/type"));
    EXPECT_THAT(pointers_of(refused(R"({"specversion":"0.3","id":"","source":"","type":"a b"})")),
                ElementsAre("/specversion", "/id", "/source", "/type"));
}

TEST(CloudEventParser, RefusesWhatIsNoAttribute) {
    for (const char* bad : {R"("UPPER":1)", R"("a_b":1)", R"("x":1.5)", R"("x":2147483648)", R"("x":[])",
                            R"("x":{"y":1})", R"("x":123456789012345678901)"}) {
        EXPECT_EQ(refused(cloud_event("," + std::string(bad))).kind, Kind::invalid) << bad;
    }
    EXPECT_EQ(parsed(cloud_event(R"(,"x":-2147483648)")).attributes, R"("x":-2147483648)");
    EXPECT_EQ(refused(cloud_event(R"(,"data":1,"data_base64":"AAAA")")).kind, Kind::invalid);
    EXPECT_EQ(refused(cloud_event(R"(,"id":"2")")).kind, Kind::malformed);
    EXPECT_EQ(refused(cloud_event(R"(,"x":1,"x":1)")).kind, Kind::malformed);
    EXPECT_EQ(refused("[]").kind, Kind::invalid);
}

TEST(CloudEventParser, BoundsTheData) {
    EventLimits limits;
    limits.max_event_bytes = 1024;
    EXPECT_EQ(refused(cloud_event(",\"data\":\"" + std::string(1100, 'x') + "\""), limits).kind,
              Kind::too_large);
    EXPECT_EQ(refused(cloud_event(",\"data_base64\":\"" + std::string(1600, 'A') + "\""), limits).kind,
              Kind::too_large);
}

TEST(CloudEventParser, ReadsABatchItemByItem) {
    const auto read =
        parse_cloud_event_batch("[" + cloud_event("") + ",{}," + cloud_event(R"(,"data":2)") + "]", {});
    ASSERT_TRUE(read);
    ASSERT_EQ(read->items.size(), 3U);
    EXPECT_TRUE(read->is_batch);
    EXPECT_TRUE(read->items[0] && !read->items[1] && read->items[2]);
    EXPECT_EQ(parse_cloud_event_batch(cloud_event(""), {}).error().kind, Kind::malformed);
    EXPECT_EQ(parse_cloud_event_batch("[]", {}).error().kind, Kind::invalid);
}

TEST(CloudEventParser, TakesBinaryDataByItsMediaType) {
    BinaryCloudEvent event{{{"specversion", "1.0"}, {"id", "1"}, {"source", "/s"}, {"type", "a:b"}}, " {} "};
    EXPECT_EQ(parse_binary_cloud_event(event, {})->items[0]->payload, "{}");
    event.attributes.emplace_back("datacontenttype", "application/vnd.x+json; charset=utf-8");
    EXPECT_EQ(parse_binary_cloud_event(event, {})->items[0]->payload, "{}");
    event.data = "{";
    EXPECT_EQ(parse_binary_cloud_event(event, {}).error().kind, Kind::malformed);
    event.attributes.back().second = "text/plain";
    const auto text = parse_binary_cloud_event(event, {});
    EXPECT_EQ(text->items[0]->payload_base64, "ew==");
    EXPECT_EQ(text->items[0]->attributes, R"("datacontenttype":"text/plain")");
    event.data = {};
    EXPECT_EQ(parse_binary_cloud_event(event, {})->items[0]->payload, "null");
}

}  // namespace
}  // namespace headwater
