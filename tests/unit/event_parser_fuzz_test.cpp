// Bodies that were broken at random, with a fixed seed: the parser must not crash, and what it accepts must
// be what the independent check accepts.
#include <array>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "core/event_parser.hpp"
#include "core/json_text.hpp"

namespace headwater {
namespace {

constexpr int kRounds = 20'000;
constexpr int kEnvelopeDepth = 2;

const std::array<std::string, 6> kSeeds{
    R"({"type":"a:b","payload":{"a":[1,2.5e-3,"x\u00e9\ud83d\ude00",null,true],"b":{}}})",
    R"([{"type":"a","payload":1e400,"id":"x","subject":"s","occurredAt":"2018-02-01T11:12:01Z"},{"type":"b","payload":[]}])",
    R"({"payload":"\\\"\/\b\u0000","type":"financial:end-budget"})",
    "{\"type\":\"a\",\"payload\":\"caf\xC3\xA9 "
    "\xF0\x9F\x98\x80\"}\n{\"type\":\"b\",\"payload\":[[[[]]]]}\r\n",
    R"( [ { "type" : "a" , "payload" : -0.0E+1 } , 5 , [ ] , "x" , {} ] )",
    R"({"type":"a","payload":123456789012345678901234567890.123456789,"extra":{"type":[{}]},"payload":2})",
};

/// Breaks a text in a few places. Not thread-safe; the same seed breaks in the same way.
class Breaker {
  public:
    std::string break_up(std::string text) {
        for (int changes = pick(4); changes >= 0; --changes) change(text);
        return text;
    }

  private:
    int pick(std::size_t below) { return static_cast<int>(random_() % below); }

    void change(std::string& text) {
        static const std::array<std::string, 18> kPieces{
            "\"", "\\", "{",     "}",       "[",     "]",    ",",         ":",    "\\u",
            "e",  "-",  "\\ud8", "\\udc00", "1e999", "null", "\"type\":", "\xC3", "\n"};
        const auto at = text.empty() ? 0 : static_cast<std::size_t>(pick(text.size()));
        switch (pick(5)) {
            case 0:
                if (!text.empty()) text[at] = static_cast<char>(pick(256));
                break;
            case 1:
                text.erase(at, static_cast<std::size_t>(pick(4)));
                break;
            case 2:
                text.insert(at, kPieces[static_cast<std::size_t>(pick(kPieces.size()))]);
                break;
            case 3:
                text.insert(at, text.substr(at, static_cast<std::size_t>(pick(20))));
                break;
            default:
                text.resize(at);
        }
    }

    std::mt19937 random_{20'180'201};
};

bool is_inside(std::string_view piece, std::string_view whole) {
    return piece.data() >= whole.data() && piece.data() + piece.size() <= whole.data() + whole.size();
}

int check_accepted(const SentBody& parsed, const std::string& body) {
    int accepted = 0;
    for (const auto& item : parsed.items) {
        if (!item) continue;
        ++accepted;
        EXPECT_TRUE(is_inside(item->payload, body));
        EXPECT_TRUE(check_json(item->payload)) << testing::PrintToString(body);
        EXPECT_FALSE(item->payload.empty() || std::string_view(" \t\r\n:,").contains(item->payload.front()));
        EXPECT_FALSE(item->payload.empty() || std::string_view(" \t\r\n:,").contains(item->payload.back()));
    }
    return accepted;
}

TEST(EventParserFuzz, AgreesWithTheCheckOfWholeTexts) {
    Breaker breaker;
    int accepted = 0;
    int refused = 0;
    for (int round = 0; round < kRounds; ++round) {
        const auto body = breaker.break_up(kSeeds[static_cast<std::size_t>(round) % kSeeds.size()]);
        const auto parsed = parse_json_body(body, EventLimits{});
        const auto checked = check_json(body, EventLimits::kMaxDepth + kEnvelopeDepth);
        if (parsed) {
            accepted += check_accepted(*parsed, body);
            EXPECT_TRUE(checked) << testing::PrintToString(body);
        } else {
            ++refused;
            const bool is_scalar_or_empty = parsed.error().detail.starts_with("The body ");
            EXPECT_TRUE(!checked || is_scalar_or_empty)
                << testing::PrintToString(body) << parsed.error().detail;
        }
    }
    EXPECT_GT(accepted, kRounds / 50);
    EXPECT_GT(refused, kRounds / 4);
}

TEST(EventParserFuzz, ReadsEachLineOfNdjsonAsABodyOfItsOwn) {
    Breaker breaker;
    for (int round = 0; round < kRounds / 4; ++round) {
        const auto body = breaker.break_up(kSeeds[static_cast<std::size_t>(round) % kSeeds.size()]);
        const auto parsed = parse_ndjson_body(body, EventLimits{});
        if (parsed) check_accepted(*parsed, body);
    }
}

}  // namespace
}  // namespace headwater
