#include "cli/send/event_chunk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace headwater::cli {
namespace {

using ::testing::ElementsAre;

class EventChunks : public ::testing::Test {
  protected:
    ~EventChunks() override { std::filesystem::remove(file_); }

    std::vector<EventChunk> read(const std::string& content, Chunker::Limits limits,
                                 const std::string& type = "") {
        std::ofstream(file_) << content;
        LineReader reader(file_);
        Chunker chunker(reader, limits, type);
        std::vector<EventChunk> chunks;
        while (auto chunk = chunker.next()) chunks.push_back(std::move(*chunk));
        return chunks;
    }

    std::string file_ =
        (std::filesystem::temp_directory_path() / ("hw-chunks-" + std::to_string(getpid()))).string();
};

TEST_F(EventChunks, CutsByCountAndLeavesOutBlankLines) {
    const auto chunks = read("{\"a\":1}\n\n  \r\n{\"b\":2}\n{\"c\":3}", {2, 1000});
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[0].body, "{\"a\":1}\n{\"b\":2}\n");
    EXPECT_THAT(chunks[0].numbers, ElementsAre(1, 4));
    EXPECT_EQ(chunks[0].line(1), "{\"b\":2}");
    EXPECT_EQ(chunks[1].body, "{\"c\":3}\n");
    EXPECT_EQ(chunks[1].offset, 21U);
}

TEST_F(EventChunks, CutsByBytesButNeverALine) {
    const auto chunks = read(std::string(100, '1') + "\n2\n" + std::string(100, '3') + "\n", {10, 150});
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_THAT(chunks[0].numbers, ElementsAre(1, 2));
    EXPECT_THAT(chunks[1].numbers, ElementsAre(3));
}

TEST_F(EventChunks, MakesEventsOfPayloads) {
    EXPECT_EQ(read("1\n{}\n", {10, 1000}, "a:b")[0].body,
              "{\"type\":\"a:b\",\"payload\":1}\n{\"type\":\"a:b\",\"payload\":{}}\n");
}

TEST_F(EventChunks, HaveKeysByContentPlaceAndSeed) {
    const auto chunks = read("1\n1\n2\n", {1, 1000});
    const auto again = read("1\n1\n2\n", {1, 1000});
    EXPECT_EQ(chunks[0].idempotency_key("s"), again[0].idempotency_key("s"));
    EXPECT_NE(chunks[0].idempotency_key("s"), chunks[1].idempotency_key("s"));
    EXPECT_NE(chunks[0].idempotency_key("s"), chunks[0].idempotency_key("t"));
}

TEST_F(EventChunks, CanBeParted) {
    const auto chunk = read("1\n2\n3\n", {10, 1000})[0];
    const auto first = chunk.part(0, 1);
    const auto rest = chunk.part(1, 3);
    EXPECT_EQ(first.body + rest.body, chunk.body);
    EXPECT_THAT(rest.numbers, ElementsAre(2, 3));
    EXPECT_NE(first.idempotency_key(""), chunk.idempotency_key(""));
    EXPECT_EQ(rest.line(0), "2");
}

TEST_F(EventChunks, ReadLinesLongerThanTheBuffer) {
    const std::string line(1 << 20, 'x');
    const auto chunks = read(line + "\n" + line, {10, 4 << 20});
    ASSERT_EQ(chunks.size(), 1U);
    EXPECT_EQ(chunks[0].line(1), line);
}

TEST_F(EventChunks, EndAtOnceWhenThereIsNothing) {
    EXPECT_TRUE(read("", {10, 1000}).empty());
    EXPECT_TRUE(read("\n\n", {10, 1000}).empty());
}

}  // namespace
}  // namespace headwater::cli
