#include "core/event.hpp"

#include <gtest/gtest.h>

#include "core/json_text.hpp"

namespace headwater {
namespace {

EventRecord record() {
    EventRecord record;
    record.id = {2'465'467'567};
    record.created_at = parse_rfc3339("2018-02-01T11:12:01Z").value();
    record.type_id = {7};
    record.type = "financial:end-budget";
    record.payload = R"({"campaign_id": 123})";
    return record;
}

TEST(Event, WritesItsJsonInTheContractsOrder) {
    auto row = record();
    row.subject = "a \"b\"";
    row.meta = R"("occurredAt":"2018-02-01T11:00:00.000000Z","sourceId":"x")";
    const auto event = make_event(row);
    EXPECT_EQ(event->json, R"({"id":"2465467567","type":"financial:end-budget","subject":"a \"b\"",)"
                           R"("occurredAt":"2018-02-01T11:00:00.000000Z","sourceId":"x",)"
                           R"("payload":{"campaign_id": 123},"created_at":"2018-02-01T11:12:01.000000Z"})");
    EXPECT_EQ(event->payload(), R"({"campaign_id": 123})");
    EXPECT_EQ(event->open_json(), event->json.substr(0, event->json.size() - 1));
    EXPECT_EQ(event->subject, "a \"b\"");
    EXPECT_EQ(event->type_id, TypeId{7});
    EXPECT_TRUE(check_json(event->json));
}

TEST(Event, LeavesOutWhatItDoesNotHave) {
    EXPECT_EQ(make_event(record())->json,
              R"({"id":"2465467567","type":"financial:end-budget","payload":{"campaign_id": 123},)"
              R"("created_at":"2018-02-01T11:12:01.000000Z"})");
}

TEST(Event, MarksEphemeralOnesAtTheEnd) {
    auto row = record();
    row.is_ephemeral = true;
    const auto event = make_event(row);
    EXPECT_TRUE(event->is_ephemeral);
    EXPECT_TRUE(event->json.ends_with(R"("created_at":"2018-02-01T11:12:01.000000Z","ephemeral":true})"));
    EXPECT_TRUE(check_json(event->json));
}

TEST(Event, QuotesBase64) {
    auto row = record();
    row.payload = "AAEC";
    row.payload_is_base64 = true;
    const auto event = make_event(row);
    EXPECT_TRUE(event->json.contains(R"("payload_base64":"AAEC","created_at")"));
    EXPECT_EQ(event->payload(), "AAEC");
    EXPECT_TRUE(check_json(event->json));
}

}  // namespace
}  // namespace headwater
