#include "cli/live/sse_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace headwater::cli {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> read(const std::vector<std::string>& pieces) {
    std::vector<std::string> found;
    SseParser parser([&](const SseMessage& message) {
        found.push_back(message.event + "|" + message.id + "|" + message.data);
        return true;
    });
    for (const std::string& piece : pieces) EXPECT_TRUE(parser.feed(piece));
    return found;
}

TEST(SseParser, PutsMessagesTogetherWhereverTheBytesAreCut) {
    const std::string stream =
        ": hello\n\nevent: cursor\nid: 5\ndata: {}\n\nid: 6\r\ndata: a\r\ndata:b\r\n\r\ndata: c\n\n";
    const auto whole = read({stream});
    EXPECT_THAT(whole, ElementsAre("cursor|5|{}", "|6|a\nb", "|6|c"));
    std::vector<std::string> bytes;
    for (const char c : stream) bytes.emplace_back(1, c);
    EXPECT_EQ(read(bytes), whole);
}

TEST(SseParser, GivesOutAnIdThatComesAlone) {
    EXPECT_THAT(read({"id: 9\n\n:\n\nretry: 100\n\n"}), ElementsAre("|9|"));
}

TEST(SseParser, KeepsWhatIsUnfinished) {
    EXPECT_THAT(read({"data: a\n", "data: b"}), ElementsAre());
}

TEST(SseParser, StopsWhenNobodyWantsMore) {
    int count = 0;
    SseParser parser([&](const SseMessage&) { return ++count < 2; });
    EXPECT_FALSE(parser.feed("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
    EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace headwater::cli
