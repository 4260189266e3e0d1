#include "core/cloud_event.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

EventRecord record(std::string_view payload) {
    return {.id = EventId{77},
            .created_at = parse_rfc3339("2018-02-01T11:12:01Z").value(),
            .type_id = TypeId{1},
            .type = "a:b",
            .subject = std::nullopt,
            .meta = {},
            .payload = payload};
}

TEST(CloudEvent, OfAPlainEventHasHeadwatersIdAndTime) {
    EXPECT_EQ(
        to_cloud_event(*make_event(record(R"({"n":1.10, "u":"\u0000"})"))),
        R"({"specversion":"1.0","id":"77","source":"headwater","type":"a:b","time":"2018-02-01T11:12:01.000000Z",)"
        R"("datacontenttype":"application/json","data":{"n":1.10, "u":"\u0000"}})");
}

TEST(CloudEvent, OfACloudEventKeepsItsOwnIdSourceAndExtensions) {
    EventRecord made = record("1");
    made.subject = "s\"x";
    made.meta =
        R"("occurredAt":"2017-01-01T00:00:00.000000Z","sourceId":"own","source":"/shop","attributes":{"region":"eu","n":5})";
    EXPECT_EQ(to_cloud_event(*make_event(made)),
              R"({"specversion":"1.0","id":"own","source":"/shop","type":"a:b","subject":"s\"x",)"
              R"("time":"2017-01-01T00:00:00.000000Z","region":"eu","n":5,)"
              R"("datacontenttype":"application/json","data":1})");
}

TEST(CloudEvent, CarriesOtherDataInBase64) {
    EventRecord made = record("AAEC");
    made.payload_is_base64 = true;
    EXPECT_EQ(
        to_cloud_event(*make_event(made)),
        R"({"specversion":"1.0","id":"77","source":"headwater","type":"a:b","time":"2018-02-01T11:12:01.000000Z",)"
        R"("data_base64":"AAEC"})");
}

}  // namespace
}  // namespace headwater
