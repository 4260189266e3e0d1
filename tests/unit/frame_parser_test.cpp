#include "ws/frame_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace headwater::ws {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Recorder final : public FrameParser::Handler {
  public:
    void on_message(std::string_view text) override { seen.push_back("text " + std::string(text)); }
    void on_ping(std::string_view payload) override { seen.push_back("ping " + std::string(payload)); }
    void on_pong(std::string_view payload) override { seen.push_back("pong " + std::string(payload)); }
    void on_close(std::optional<std::uint16_t> code) override {
        seen.push_back("close " + (code ? std::to_string(*code) : "none"));
    }
    std::vector<std::string> seen;
};

enum class Fin { no, yes };

std::string masked(std::string payload) {
    const std::string mask = "\x11\x22\x33\x44";
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    return mask + payload;
}

std::string length_bytes(std::uint64_t length, int count) {
    std::string out;
    for (int i = count - 1; i >= 0; --i) out += static_cast<char>(length >> (8 * i) & 0xff);
    return out;
}

std::string frame(unsigned opcode, const std::string& payload, Fin fin = Fin::yes) {
    std::string out(1, static_cast<char>(opcode | (fin == Fin::yes ? 0x80U : 0U)));
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() < 65536) {
        out += static_cast<char>(0x80 | 126);
        out += length_bytes(payload.size(), 2);
    } else {
        out += static_cast<char>(0x80 | 127);
        out += length_bytes(payload.size(), 8);
    }
    return out + masked(payload);
}

std::string close_payload(unsigned code, const std::string& reason = "") {
    return length_bytes(code, 2) + reason;
}

struct Outcome {
    std::vector<std::string> seen;
    std::optional<CloseCode> failure;
};

Outcome parse(const std::string& bytes, std::size_t piece = 1 << 20, std::size_t max_message = 65536) {
    FrameParser parser(max_message);
    Recorder recorder;
    Outcome outcome;
    for (std::size_t at = 0; at < bytes.size() && !outcome.failure; at += piece) {
        const auto failure = parser.feed(std::string_view(bytes).substr(at, piece), recorder);
        if (failure) outcome.failure = failure->code;
    }
    outcome.seen = recorder.seen;
    return outcome;
}

TEST(FrameParser, TakesTextOfEveryLengthForm) {
    for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 127UL, 65535UL, 65536UL}) {
        const std::string text(size, 'x');
        for (const std::size_t piece : {1UL, 7UL, 1UL << 20}) {
            const Outcome outcome = parse(frame(1, text), piece);
            EXPECT_FALSE(outcome.failure);
            EXPECT_THAT(outcome.seen, ElementsAre("text " + text)) << size << " in pieces of " << piece;
        }
    }
}

TEST(FrameParser, TakesSeveralFramesFromOnePiece) {
    EXPECT_THAT(parse(frame(1, "one") + frame(9, "p") + frame(10, "") + frame(1, "two")).seen,
                ElementsAre("text one", "ping p", "pong ", "text two"));
}

TEST(FrameParser, JoinsFragmentsWithControlFramesInBetween) {
    const std::string bytes = frame(1, "a", Fin::no) + frame(9, "p") + frame(0, "", Fin::no) +
                              frame(10, "q") + frame(0, "b") + frame(1, "c");
    EXPECT_THAT(parse(bytes, 1).seen, ElementsAre("ping p", "pong q", "text ab", "text c"));
}

TEST(FrameParser, RefusesUnmaskedFrames) {
    EXPECT_EQ(parse("\x81\x01x").failure, CloseCode::protocol_error);
}

TEST(FrameParser, RefusesReservedBitsAndOpcodes) {
    for (const unsigned bit : {0x40U, 0x20U, 0x10U}) {
        EXPECT_EQ(parse(frame(1 | bit, "x")).failure, CloseCode::protocol_error);
    }
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        EXPECT_EQ(parse(frame(opcode, "")).failure, CloseCode::protocol_error) << opcode;
    }
}

TEST(FrameParser, RefusesMalformedControlFrames) {
    for (const unsigned opcode : {8U, 9U, 10U}) {
        EXPECT_EQ(parse(frame(opcode, "", Fin::no)).failure, CloseCode::protocol_error);
        EXPECT_EQ(parse(frame(opcode, std::string(126, 'x'))).failure, CloseCode::protocol_error);
    }
    EXPECT_THAT(parse(frame(9, std::string(125, 'x'))).seen, ElementsAre("ping " + std::string(125, 'x')));
}

TEST(FrameParser, RefusesFragmentsOutOfOrder) {
    EXPECT_EQ(parse(frame(0, "x")).failure, CloseCode::protocol_error);
    EXPECT_EQ(parse(frame(0, "x", Fin::no)).failure, CloseCode::protocol_error);
    EXPECT_EQ(parse(frame(1, "a", Fin::no) + frame(1, "b")).failure, CloseCode::protocol_error);
    EXPECT_EQ(parse(frame(1, "a", Fin::no) + frame(2, "b")).failure, CloseCode::protocol_error);
    EXPECT_EQ(parse(frame(1, "a") + frame(0, "b")).failure, CloseCode::protocol_error);
}

TEST(FrameParser, RefusesBinaryMessages) {
    EXPECT_EQ(parse(frame(2, "x")).failure, CloseCode::unsupported_data);
}

TEST(FrameParser, RefusesLengthsThatAreNotTheShortestForm) {
    const std::string mask(4, '\0');
    EXPECT_EQ(parse("\x81\xfe" + length_bytes(125, 2) + mask).failure, CloseCode::protocol_error);
    EXPECT_EQ(parse("\x81\xff" + length_bytes(65535, 8) + mask).failure, CloseCode::protocol_error);
    EXPECT_EQ(parse("\x81\xff" + length_bytes(1ULL << 63, 8) + mask).failure, CloseCode::protocol_error);
}

TEST(FrameParser, RefusesAMessageThatIsTooBigAsSoonAsItsLengthIsKnown) {
    const std::string mask(4, '\0');
    EXPECT_EQ(parse("\x81\xff" + length_bytes(65537, 8) + mask).failure, CloseCode::message_too_big);
    EXPECT_EQ(parse("\x81\xff" + length_bytes((1ULL << 63) - 1, 8) + mask).failure,
              CloseCode::message_too_big);
    const std::string two_halves =
        frame(1, std::string(40000, 'x'), Fin::no) + frame(0, std::string(40000, 'x'));
    EXPECT_EQ(parse(two_halves).failure, CloseCode::message_too_big);
}

TEST(FrameParser, FailsAtTheFirstByteThatIsNotUtf8) {
    // The message goes on after the bad byte and never ends: it must not be waited for.
    std::string bytes = frame(1, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90", Fin::no);
    EXPECT_EQ(parse(bytes, 1).failure, CloseCode::invalid_payload);
    bytes = frame(1, std::string(100, 'x') + "\xff" + std::string(1000, 'x')).substr(0, 120);
    EXPECT_EQ(parse(bytes, 1).failure, CloseCode::invalid_payload);
    EXPECT_EQ(parse(frame(1, "\xf4", Fin::no) + frame(0, "\x90", Fin::no)).failure,
              CloseCode::invalid_payload);
}

TEST(FrameParser, TakesCharactersThatAreSplitOverFragments) {
    const std::string text = "k\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80";
    std::string bytes = frame(1, text.substr(0, 1), Fin::no);
    for (std::size_t i = 1; i + 1 < text.size(); ++i) bytes += frame(0, text.substr(i, 1), Fin::no);
    bytes += frame(9, "\xff") + frame(0, text.substr(text.size() - 1));
    EXPECT_THAT(parse(bytes).seen, ElementsAre("ping \xff", "text " + text));
}

TEST(FrameParser, RefusesACharacterThatIsCutOffAtTheEnd) {
    EXPECT_EQ(parse(frame(1, "x\xe2\x82")).failure, CloseCode::invalid_payload);
    EXPECT_EQ(parse(frame(1, "x\xe2", Fin::no) + frame(0, "\x82")).failure, CloseCode::invalid_payload);
}

TEST(FrameParser, TakesCloseFramesAndNothingAfter) {
    EXPECT_THAT(parse(frame(8, "") + frame(1, "x")).seen, ElementsAre("close none"));
    for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1011U, 1012U, 1014U, 3000U, 4999U}) {
        EXPECT_THAT(parse(frame(8, close_payload(code, "why"))).seen,
                    ElementsAre("close " + std::to_string(code)));
    }
}

TEST(FrameParser, RefusesMalformedCloseFrames) {
    EXPECT_EQ(parse(frame(8, "x")).failure, CloseCode::protocol_error);
    for (const unsigned code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
        EXPECT_EQ(parse(frame(8, close_payload(code))).failure, CloseCode::protocol_error) << code;
    }
    EXPECT_EQ(parse(frame(8, close_payload(1000, "\xff"))).failure, CloseCode::invalid_payload);
    EXPECT_EQ(parse(frame(8, close_payload(1000, "\xe2\x82"))).failure, CloseCode::invalid_payload);
}

TEST(FrameParser, TakesNothingAfterAFailure) {
    FrameParser parser(100);
    Recorder recorder;
    EXPECT_TRUE(parser.feed(frame(3, ""), recorder));
    EXPECT_FALSE(parser.feed(frame(1, "x"), recorder));
    EXPECT_THAT(recorder.seen, IsEmpty());
}

TEST(FrameParser, ReadsTheSameWhereverTheBytesAreCut) {
    std::minstd_rand random(7);
    std::string bytes;
    for (int i = 0; i < 50; ++i) {
        bytes +=
            frame(1, std::string(random() % 300, 'a'), Fin::no) + frame(9, std::string(random() % 126, 'p'));
        bytes += frame(0, std::string(random() % 300, 'b'));
    }
    const Outcome whole = parse(bytes);
    ASSERT_EQ(whole.seen.size(), 100);
    for (std::size_t piece = 1; piece < 40; ++piece) EXPECT_EQ(parse(bytes, piece).seen, whole.seen);
}

TEST(Utf8Validator, KnowsTheTableOfRfc3629) {
    const auto is_valid = [](std::string_view text) {
        Utf8Validator validator;
        return validator.feed(text) && validator.is_complete();
    };
    for (const auto* good : {"", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                             "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(is_valid(good));
    }
    for (const auto* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                            "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                            "\xff", "\xc2", "\xe2\x82", "\xc2x", "\xe2\x82x"}) {
        EXPECT_FALSE(is_valid(bad));
    }
}

TEST(WebSocketFrame, WritesTheShortestLengthForm) {
    const auto header = [](std::size_t size) {
        LiveChunk chunk;
        append_frame_header(chunk, Opcode::text, size);
        return chunk.to_text();
    };
    EXPECT_EQ(header(0), std::string("\x81\x00", 2));
    EXPECT_EQ(header(125), "\x81\x7d");
    EXPECT_EQ(header(126), std::string("\x81\x7e\x00\x7e", 4));
    EXPECT_EQ(header(65535), "\x81\x7e\xff\xff");
    EXPECT_EQ(header(65536), std::string("\x81\x7f\0\0\0\0\0\x01\0\0", 10));
}

}  // namespace
}  // namespace headwater::ws
