#include "core/intake.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace headwater {
namespace {

RegistryView make_registry() {
    auto plain = std::make_shared<EventType>();
    plain->name = "shop:order";
    auto checked = std::make_shared<EventType>();
    checked->name = "shop:checked";
    checked->schema = *JsonSchema::compile(R"({"type":"object","required":["n"]})");
    auto reserved = std::make_shared<EventType>();
    reserved->name = "monitor:dead";
    return RegistryView({1, {plain, checked, reserved}, {}});
}

SentEvent make_sent(std::string type, std::string_view payload = "1") {
    SentEvent sent;
    sent.type = std::move(type);
    sent.payload = payload;
    return sent;
}

Refusal::Kind refused(const SentEvent& sent) {
    return to_new_event(sent, make_registry()).error().kind;
}

TEST(Intake, KeepsThePayloadAndBuildsTheFragment) {
    SentEvent sent = make_sent("shop:order", R"({"a": 1e400})");
    sent.id = "o\"1";
    sent.occurred_at = "2018-02-01T11:12:01.000000Z";
    sent.subject = "s";
    const auto event = to_new_event(sent, make_registry());
    ASSERT_TRUE(event);
    EXPECT_EQ(event->payload, R"({"a": 1e400})");
    EXPECT_EQ(event->meta, R"("occurredAt":"2018-02-01T11:12:01.000000Z","sourceId":"o\"1")");
    EXPECT_EQ(event->subject, "s");
    EXPECT_TRUE(event->key);
}

TEST(Intake, RefusesTypesThatMayNotBeSent) {
    EXPECT_EQ(refused(make_sent("no:such")), Refusal::Kind::unregistered_type);
    EXPECT_EQ(refused(make_sent("monitor:dead")), Refusal::Kind::reserved_type);
    EXPECT_EQ(refused(make_sent("room:x")), Refusal::Kind::reserved_type);
    EXPECT_EQ(refused(make_sent("a::b")), Refusal::Kind::invalid);
}

TEST(Intake, PointsIntoThePayloadThatMissesItsSchema) {
    const auto event = to_new_event(make_sent("shop:checked", "{}"), make_registry());
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().kind, Refusal::Kind::schema_violation);
    ASSERT_FALSE(event.error().errors.empty());
    EXPECT_TRUE(event.error().errors.front().pointer.starts_with("/payload"));
}

TEST(Intake, TheKeyHoldsWithinTheTypeAndTheFingerprintCoversTheRest) {
    const auto key_of = [](SentEvent sent) { return to_new_event(sent, make_registry())->key.value(); };
    SentEvent sent = make_sent("shop:order");
    sent.id = "1";
    SentEvent with_subject = sent;
    with_subject.subject = "";
    SentEvent other_payload = sent;
    other_payload.payload = "2";
    EXPECT_EQ(key_of(sent).key, key_of(other_payload).key);
    EXPECT_EQ(key_of(sent).fingerprint, key_of(sent).fingerprint);
    EXPECT_NE(key_of(sent).fingerprint, key_of(other_payload).fingerprint);
    EXPECT_NE(key_of(sent).fingerprint, key_of(with_subject).fingerprint);
    SentEvent other_type = make_sent("shop:checked", R"({"n":1})");
    other_type.id = "1";
    EXPECT_NE(key_of(sent).key, key_of(other_type).key);
}

TEST(Intake, PartsOfADigestDoNotRunTogether) {
    EXPECT_NE(digest_of({"ab", "c"}), digest_of({"a", "bc"}));
    EXPECT_NE(request_key("a", "b", {}, "").key, request_key("", "ab", {}, "").key);
    EXPECT_NE(request_key("", "k", {}, "").key, request_key("x", "k", {}, "").key);
}

TEST(Intake, TheFingerprintOfARequestCoversTypesSubjectsAndPayloads) {
    const auto print_of = [](std::string_view body) {
        return request_key("", "k", parse_json_body(body, {}).value(), body).fingerprint;
    };
    const Digest one = print_of(R"({"type":"a","subject":"s","payload":1})");
    EXPECT_EQ(
        one,
        print_of(R"( {"occurredAt":"2018-02-01T11:12:01Z", "payload":1,"subject":"s","type":"a","id":"x"})"));
    for (const char* other :
         {R"({"type":"a","subject":"s","payload":2})", R"({"type":"a","subject":"t","payload":1})",
          R"({"type":"a","payload":1})", R"({"type":"b","subject":"s","payload":1})",
          R"([{"type":"a","subject":"s","payload":1}])",
          R"([{"type":"a","subject":"s","payload":1},{"type":"a","subject":"s","payload":1}])",
          R"([{"type":"a","subject":"s","payload":1},{"type":"a"}])"}) {
        EXPECT_NE(one, print_of(other)) << other;
    }
    EXPECT_EQ(print_of(R"([{"type":"a"}])"), print_of(R"([{"type":"a"}])"));
    EXPECT_NE(print_of(R"([{"type":"a"}])"), print_of(R"([{"type":"b"}])"))
        << "items that cannot be read count too";
}

}  // namespace
}  // namespace headwater
