#include "core/event_parser.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_text.hpp"

namespace headwater {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Kind = Refusal::Kind;

std::string nested(int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
}

std::string event_with(std::string_view payload) {
    return R"({"type":"a:b","payload":)" + std::string(payload) + "}";
}

std::expected<SentBody, Refusal> parse(std::string_view body) {
    return parse_json_body(body, EventLimits{});
}

/// The refusal of the only event of a body that is well-formed.
Refusal item_refusal(std::string_view body) {
    const auto parsed = parse(body);
    if (!parsed || parsed->items.size() != 1 || parsed->items[0]) {
        ADD_FAILURE() << "not one refused event: " << body;
        return {};
    }
    return parsed->items[0].error();
}

Refusal body_refusal(std::string_view body) {
    const auto parsed = parse(body);
    if (parsed) {
        ADD_FAILURE() << "accepted: " << body;
        return {};
    }
    return parsed.error();
}

std::string_view payload_of(const std::string& body) {
    const auto parsed = parse(body);
    if (!parsed || parsed->items.size() != 1 || !parsed->items[0]) {
        ADD_FAILURE() << "not accepted: " << body << (parsed ? "" : parsed.error().detail);
        return {};
    }
    return parsed->items[0]->payload;
}

TEST(EventParser, ReadsEveryMemberOfAnEvent) {
    const std::string body = R"( { "subject" : "caf\u00e9", "payload" : { "a": [1, 2.50] } , "id":"x-1",
        "occurredAt":"2018-02-01T12:12:01.5+01:00", "type":"financial:end-budget" } )";
    const auto parsed = parse(body);
    ASSERT_TRUE(parsed && parsed->items.size() == 1 && parsed->items[0]);
    EXPECT_FALSE(parsed->is_batch);
    const auto& event = *parsed->items[0];
    EXPECT_EQ(event.type, "financial:end-budget");
    EXPECT_EQ(event.payload, R"({ "a": [1, 2.50] })");
    EXPECT_EQ(event.id, "x-1");
    EXPECT_EQ(event.subject, "caf\xC3\xA9");
    EXPECT_EQ(event.occurred_at, "2018-02-01T11:12:01.500000Z");
}

TEST(EventParser, LeavesOutWhatWasNotSent) {
    const std::string body = event_with("1");
    const auto parsed = parse(body);
    ASSERT_TRUE(parsed && parsed->items[0]);
    EXPECT_FALSE(parsed->items[0]->id);
    EXPECT_FALSE(parsed->items[0]->subject);
    EXPECT_FALSE(parsed->items[0]->occurred_at);
}

TEST(EventParser, KeepsThePayloadAsItWasSent) {
    for (const std::string payload :
         {"null", "true", "false", "0", "-0.0", "1E400", "1e-400", "123456789012345678901234567890", "\"\"",
          "\"a\\u0000b\"", "\"\\ud83d\\ude00\"", "\"\\/\\u00e9\"", "[]", "{}", "[ 1 ,\t2 ]",
          "{\"b\":1,\"a\":2,\"b\":3}", "{\"payload\":{\"type\":[]}}", "\"\xF0\x9F\x98\x80\"",
          "[1e400, {\"type\": -1e999, \"s\": \"1e400\"}]"}) {
        const std::string body = R"({"type":"a:b", "payload" :  )" + payload + " }";
        EXPECT_EQ(payload_of(body), payload);
    }
}

TEST(EventParser, AcceptsNumbersOfAnySizeUpToAThousandCharacters) {
    const std::string longest(1000, '7');
    const std::string body = event_with(longest);
    EXPECT_EQ(payload_of(body), longest);
    const std::string fraction = event_with("0." + std::string(998, '3'));
    EXPECT_EQ(payload_of(fraction).size(), 1000U);
    for (const auto& number : {longest + "7", "0." + std::string(999, '3'), "1e" + std::string(999, '9')}) {
        EXPECT_EQ(body_refusal(event_with(number)).kind, Kind::malformed);
        EXPECT_THAT(body_refusal(event_with(number)).detail, HasSubstr("more than 1000 characters"));
    }
}

TEST(EventParser, StillFindsSyntaxErrorsNextToBigNumbers) {
    EXPECT_EQ(body_refusal(event_with("[1e400, 01]")).kind, Kind::malformed);
    EXPECT_EQ(body_refusal(event_with("[1e400, \"x]")).kind, Kind::malformed);
    EXPECT_EQ(body_refusal(event_with("[1e400, 1e400.5]")).kind, Kind::malformed);
    EXPECT_EQ(body_refusal(event_with("[1e400, 1.e4000]")).kind, Kind::malformed);
    EXPECT_EQ(item_refusal(R"({"type":1e400,"payload":1})").detail, "The type must be a string.");
}

TEST(EventParser, CountsNestingFromThePayload) {
    EXPECT_EQ(payload_of(event_with(nested(128))).size(), 256U);
    const std::string batch = "[" + event_with(nested(128)) + "]";
    EXPECT_TRUE(parse(batch)->items[0]);
    for (const auto& body : {event_with(nested(129)), "[" + event_with(nested(129)) + "]",
                             event_with(nested(200'000)), nested(200'000), R"({"x":)" + nested(129) + "}"}) {
        EXPECT_EQ(body_refusal(body).kind, Kind::malformed);
        EXPECT_THAT(body_refusal(body).detail, HasSubstr("128 deep"));
    }
}

TEST(EventParser, RefusesBrokenJsonWithTheOffset) {
    const struct {
        std::string_view body;
        std::string_view detail;
    } cases[] = {
        {"", "The body is empty."},
        {"  ", "The JSON is malformed at byte 2: there is no value."},
        {"{", "The JSON is malformed at byte 1: a member's name in double quotes was expected."},
        {R"({"type")", "The JSON is malformed at byte 7: a colon was expected after a member's name."},
        {R"({"type":"a","payload":1])",
         "The JSON is malformed at byte 23: a comma or a closing brace was expected."},
        {R"([{"type":"a","payload":1})",
         "The JSON is malformed at byte 25: a comma or a closing bracket was expected."},
        {R"({"type":"a","payload":tru})", "The JSON is malformed at byte 25: a value was expected."},
        {R"({"type":"a","payload":1} 2)",
         "The JSON is malformed at byte 25: there is something after the end of the value."},
        {R"({"type":"a","payload":"x)", "The JSON is malformed at byte 24: a string is not closed."},
        {R"({"type":"a","payload":"\x"})",
         "The JSON is malformed at byte 23: a string holds a bare control character or an unknown escape."},
        {R"({"type":"a","payload":"\ud800"})",
         "The JSON is malformed at byte 23: a surrogate escape stands without its partner."},
        {R"({"type":"a","payload":"\udc00"})",
         "The JSON is malformed at byte 23: a surrogate escape stands without its partner."},
        {R"({"type":"a","payload":"\u12g4"})",
         "The JSON is malformed at byte 23: four hexadecimal digits were expected after \\u."},
        {R"({"type":"a","payload":1.})",
         "The JSON is malformed at byte 24: a digit was expected after a decimal point."},
        {R"({"type":"a","payload":1e})",
         "The JSON is malformed at byte 24: a digit was expected in an exponent."},
        {"\xEF\xBB\xBF{}", "The JSON is malformed at byte 0: it begins with a byte order mark."},
        {std::string_view("{}\0", 3), "The JSON is malformed at byte 2: there is a NUL byte."},
        {"\"text\"", "The body must be one event or an array of events."},
        {"12", "The body must be one event or an array of events."},
    };
    for (const auto& [body, detail] : cases) {
        EXPECT_EQ(body_refusal(body).kind, Kind::malformed) << body;
        EXPECT_EQ(body_refusal(body).detail, detail);
    }
}

TEST(EventParser, RefusesTextThatIsNotUtf8) {
    for (const std::string text :
         {"\"\x80\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"", "\"\xE2\x82\""}) {
        EXPECT_EQ(body_refusal(event_with(text)).kind, Kind::malformed);
        EXPECT_THAT(body_refusal(event_with(text)).detail, HasSubstr("not valid UTF-8"));
    }
}

TEST(EventParser, TellsAnEscapedBackslashFromASurrogate) {
    EXPECT_EQ(payload_of(event_with(R"("\\udc00")")), R"("\\udc00")");
    EXPECT_EQ(body_refusal(event_with(R"("\\\udc00")")).kind, Kind::malformed);
    EXPECT_EQ(body_refusal(event_with(R"("\ud800\ud800")")).kind, Kind::malformed);
    EXPECT_EQ(body_refusal(event_with(R"("\ud83d\ude00\ude00")")).kind, Kind::malformed);
}

TEST(EventParser, NamesTheMemberThatIsMissingOrWrong) {
    const struct {
        std::string_view body;
        FieldError error;
    } cases[] = {
        {R"({"payload":1})", {"/type", "The member \"type\" is missing."}},
        {R"({"type":"a"})", {"/payload", "The member \"payload\" is missing."}},
        {R"({"type":7,"payload":1})", {"/type", "The type must be a string."}},
        {R"({"type":["a"],"payload":1})", {"/type", "The type must be a string."}},
        {R"({"type":"a","payload":1,"id":12})", {"/id", "The id must be a string."}},
        {R"({"type":"a","payload":1,"subject":null})", {"/subject", "The subject must be a string."}},
        {R"({"type":"a","payload":1,"id":""})", {"/id", "The id must have 1 to 200 characters."}},
        {R"({"type":"a","payload":1,"id":"a\u0000"})", {"/id", "The id must not hold control characters."}},
        {R"({"type":"a","payload":1,"subject":"\n"})",
         {"/subject", "The subject must not hold control characters."}},
        {R"({"type":"a","payload":1,"subject":"\u0085"})",
         {"/subject", "The subject must not hold control characters."}},
        {R"({"type":"a","payload":1,"occurredAt":"yesterday"})",
         {"/occurredAt", "The occurredAt must be an RFC 3339 time such as 2018-02-01T11:12:01Z."}},
        {R"({"type":"a","payload":1,"kind/of~":1})", {"/kind~1of~0", "An event has no member of this name."}},
    };
    for (const auto& [body, error] : cases) {
        const auto refusal = item_refusal(body);
        EXPECT_EQ(refusal.kind, Kind::invalid) << body;
        EXPECT_EQ(refusal.detail, error.detail);
        EXPECT_THAT(refusal.errors, testing::ElementsAre(error));
    }
    EXPECT_EQ(item_refusal(R"({"type":"a b","payload":1})").errors[0].pointer, "/type");
    EXPECT_EQ(item_refusal(R"({"type":"","payload":1})").errors[0].pointer, "/type");
}

TEST(EventParser, TellsAllMistakesOfAnEventTogether) {
    const auto refusal = item_refusal(R"({"type":"a::b","id":1,"colour":"red"})");
    EXPECT_EQ(refusal.kind, Kind::invalid);
    EXPECT_EQ(refusal.errors.size(), 4U);
    std::string many = "{";
    for (int i = 0; i < 1000; ++i) many += "\"m" + std::to_string(i) + "\":1,";
    EXPECT_EQ(item_refusal(many + R"("type":"a","type":"b","payload":1})").errors.size(), 10U);
    EXPECT_EQ(item_refusal(many + R"("type":"a","type":"b","payload":1})").kind, Kind::malformed);
}

TEST(EventParser, CallsAMemberThatIsThereTwiceMalformed) {
    for (const std::string_view body :
         {R"({"type":"a","type":"a","payload":1})", R"({"type":"a","payload":1,"payload":1})",
          R"({"type":"a","payload":1,"id":"x","\u0069d":"x"})"}) {
        EXPECT_EQ(item_refusal(body).kind, Kind::malformed);
        EXPECT_THAT(item_refusal(body).detail, HasSubstr("is there twice"));
    }
}

TEST(EventParser, CountsCharactersNotBytes) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "\xC3\xA9";
    EXPECT_TRUE(parse(R"({"type":"a","payload":1,"id":")" + text + "\"}")->items[0]);
    EXPECT_FALSE(parse(R"({"type":"a","payload":1,"id":")" + text + "x\"}")->items[0]);
}

TEST(EventParser, LetsTheItemsOfAnArrayFailAlone) {
    const std::string body =
        R"([{"type":"a","payload":1}, {"type":"a"}, 5, [{"type":"a","payload":1}], "x", {"type":"b","payload":[2]}])";
    const auto parsed = parse(body);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->is_batch);
    ASSERT_EQ(parsed->items.size(), 6U);
    EXPECT_TRUE(parsed->items[0]);
    EXPECT_EQ(parsed->items[1].error().detail, "The member \"payload\" is missing.");
    for (const std::size_t i : {2U, 3U, 4U}) {
        EXPECT_EQ(parsed->items[i].error().kind, Kind::invalid);
        EXPECT_EQ(parsed->items[i].error().detail, "An event must be a JSON object.");
    }
    EXPECT_EQ(parsed->items[5]->payload, "[2]");
    EXPECT_EQ(parsed->items[5]->type, "b");
}

TEST(EventParser, RefusesNoAndTooManyEvents) {
    EXPECT_EQ(body_refusal("[]").kind, Kind::invalid);
    EventLimits limits;
    limits.max_batch_events = 2;
    const std::string event = event_with("1");
    EXPECT_TRUE(parse_json_body("[" + event + "," + event + "]", limits));
    const auto refused = parse_json_body("[" + event + "," + event + "," + event + "]", limits);
    EXPECT_EQ(refused.error().kind, Kind::too_large);
}

TEST(EventParser, RefusesWhatIsTooLarge) {
    EventLimits limits;
    limits.max_event_bytes = 10;
    limits.max_body_bytes = 200;
    const std::string body = "[" + event_with("\"12345678\"") + "," + event_with("\"123456789\"") + "]";
    const auto parsed = parse_json_body(body, limits);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->items[0]);
    EXPECT_EQ(parsed->items[1].error().kind, Kind::too_large);
    EXPECT_EQ(parse_json_body(std::string(201, ' '), limits).error().kind, Kind::too_large);
}

TEST(EventParser, ReadsNdjsonLineByLine) {
    const std::string body = "{\"type\":\"a\",\"payload\":1}\r\n\n  \r\n{\"type\":\"b\",\"payload\":{}}";
    const auto parsed = parse_ndjson_body(body, EventLimits{});
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->is_batch);
    ASSERT_EQ(parsed->items.size(), 2U);
    EXPECT_EQ(parsed->items[0]->payload, "1");
    EXPECT_EQ(parsed->items[1]->type, "b");
}

TEST(EventParser, LetsEachBrokenLineOfNdjsonFailAlone) {
    std::string body =
        "{\"type\":\n[]\n7\n{\"type\":\"a\",\"payload\":\"\\udc00\"}\n" + event_with(nested(129)) + "\n";
    body += std::string("\0", 1) + "\n" + event_with("1") + "\n";
    const auto parsed = parse_ndjson_body(body, EventLimits{});
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->items.size(), 7U);
    EXPECT_EQ(parsed->items[0].error().kind, Kind::malformed);
    EXPECT_EQ(parsed->items[1].error().kind, Kind::invalid);
    EXPECT_EQ(parsed->items[2].error().kind, Kind::invalid);
    EXPECT_EQ(parsed->items[3].error().kind, Kind::malformed);
    EXPECT_EQ(parsed->items[4].error().kind, Kind::malformed);
    EXPECT_EQ(parsed->items[5].error().kind, Kind::malformed);
    EXPECT_TRUE(parsed->items[6]);
}

TEST(EventParser, RefusesNdjsonWithNoOrTooManyEvents) {
    EventLimits limits;
    limits.max_batch_events = 2;
    EXPECT_EQ(parse_ndjson_body("", limits).error().kind, Kind::malformed);
    EXPECT_EQ(parse_ndjson_body("\n\n", limits).error().kind, Kind::invalid);
    EXPECT_EQ(parse_ndjson_body("1\n2\n3\n", limits).error().kind, Kind::too_large);
    EXPECT_TRUE(parse_ndjson_body("1\n2\n\n", limits));
}

}  // namespace
}  // namespace headwater
