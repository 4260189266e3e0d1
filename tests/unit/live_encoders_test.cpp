#include "ws/live_encoders.hpp"

#include <gtest/gtest.h>

#include "ws/client_message.hpp"
#include "ws/websocket_handshake.hpp"

namespace headwater::ws {
namespace {

EventPtr event_with(std::string_view payload, bool is_ephemeral = false) {
    EventRecord record;
    record.id = EventId{7};
    record.type = "a:b";
    record.payload = payload;
    record.is_ephemeral = is_ephemeral;
    return make_event(record);
}

std::string encode(const LiveEncoder& encoder, const EventPtr& event) {
    LiveChunk chunk;
    encoder.encode(event, chunk);
    EXPECT_EQ(chunk.upto(), event->id);
    EXPECT_EQ(chunk.size(), chunk.to_text().size());
    return chunk.to_text();
}

const LiveEncoder& unnamed() {
    return sse_encoder(SseEncoder::Naming::unnamed);
}
const LiveEncoder& named() {
    return sse_encoder(SseEncoder::Naming::named);
}

TEST(SseEncoder, WritesIdAndData) {
    const EventPtr event = event_with("1");
    EXPECT_EQ(encode(unnamed(), event), "id: 7\ndata: " + event->json + "\n\n");
    EXPECT_EQ(encode(named(), event), "id: 7\nevent: a:b\ndata: " + event->json + "\n\n");
}

TEST(SseEncoder, GivesEphemeralEventsNoId) {
    const EventPtr event = event_with("1", true);
    EXPECT_EQ(encode(unnamed(), event), "data: " + event->json + "\n\n");
}

TEST(SseEncoder, SplitsDataAtEveryKindOfLineEnd) {
    const std::string text = encode(unnamed(), event_with("[1,\n2,\r3,\r\n4]"));
    EXPECT_NE(text.find("\"payload\":[1,\ndata: 2,\ndata: 3,\ndata: 4]"), std::string::npos) << text;
    EXPECT_EQ(text.find('\r'), std::string::npos);
    EXPECT_TRUE(text.ends_with("}\n\n"));
}

TEST(LiveEncoders, ReferToLargeEventsAndCopySmallOnes) {
    const EventPtr large = event_with("\"" + std::string(LiveChunk::kReferFrom, 'x') + "\"");
    for (const LiveEncoder* encoder : {&websocket_encoder(), &unnamed()}) {
        LiveChunk chunk;
        encoder->encode(event_with("1"), chunk);
        encoder->encode(large, chunk);
        encoder->encode(event_with("2"), chunk);
        bool is_referred_to = false;
        chunk.for_each_piece([&](std::string_view piece) {
            is_referred_to |= piece.data() == large->json.data();
            return true;
        });
        EXPECT_TRUE(is_referred_to);
        EXPECT_EQ(chunk.to_text(), encode(*encoder, event_with("1")) + encode(*encoder, large) +
                                       encode(*encoder, event_with("2")));
    }
}

TEST(WebSocketEncoder, WritesOneTextFrame) {
    const EventPtr event = event_with("1");
    ASSERT_LT(event->json.size(), 126);
    EXPECT_EQ(encode(websocket_encoder(), event),
              "\x81" + std::string(1, static_cast<char>(event->json.size())) + event->json);
}

TEST(WebSocketHandshake, AnswersTheKeyOfTheStandardsExample) {
    EXPECT_EQ(websocket_accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, ChecksTheRequest) {
    using boost::beast::http::field;
    HttpRequest request(boost::beast::http::verb::get, "/", 11);
    request.set(field::connection, "keep-alive, Upgrade");
    request.set(field::upgrade, "WebSocket");
    request.set(field::sec_websocket_version, "13");
    request.set(field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_EQ(refuse_handshake(request), "");
    request.set(field::sec_websocket_key, "dGhlIHNhbXBsZQ==");
    EXPECT_TRUE(refuse_handshake(request).starts_with("HTTP/1.1 400 "));
    request.set(field::sec_websocket_version, "8");
    EXPECT_TRUE(refuse_handshake(request).starts_with("HTTP/1.1 426 "));
}

TEST(ClientMessage, ReadsTheTwoShapesThereAre) {
    const auto subscribe = parse_client_message(R"( {"subscribe": ["a:b", "c:*"]} )");
    ASSERT_TRUE(subscribe);
    EXPECT_EQ(subscribe->kind, ClientMessage::Kind::subscribe);
    EXPECT_EQ(subscribe->filters, (std::vector<std::string>{"a:b", "c:*"}));
    EXPECT_EQ(parse_client_message(R"({"unsubscribe":["a"]})")->kind, ClientMessage::Kind::unsubscribe);
}

TEST(ClientMessage, RefusesEverythingElse) {
    for (const auto* text :
         {"", "1", "[]", "{}", R"({"subscribe":[]})", R"({"subscribe":"a"})", R"({"subscribe":[1]})",
          R"({"subscribe":[["a"]]})", R"({"subscribe":["a"],"unsubscribe":["b"]})", R"({"other":["a"]})",
          R"({"subscribe":["a"]} x)", R"(["a"])", R"("a")", R"({"subscribe":["a")", R"([["a"]])",
          R"({"subscribe":{"a":["b"]}})"}) {
        EXPECT_FALSE(parse_client_message(text)) << text;
    }
    EXPECT_FALSE(parse_client_message(std::string(60'000, '[')));
}

}  // namespace
}  // namespace headwater::ws
