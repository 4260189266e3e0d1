#include "core/stream.hpp"

#include <gtest/gtest.h>

#include "core/sink.hpp"

namespace headwater {
namespace {

TEST(Stream, SpellsOrdersAndStatesAsInJson) {
    using enum StreamOrder;
    using enum StreamState;
    for (const auto order : {loose, subject, strict}) EXPECT_EQ(parse_stream_order(to_string(order)), order);
    for (const auto state : {running, retrying, paused, blocked})
        EXPECT_EQ(parse_stream_state(to_string(state)), state);
    EXPECT_EQ(to_string(strict), "strict");
    EXPECT_EQ(to_string(blocked), "blocked");
    EXPECT_EQ(parse_stream_order("Strict"), std::nullopt);
    EXPECT_EQ(parse_stream_state(""), std::nullopt);
}

TEST(Stream, WantsItsOwnersTypeOrWhatItsFilterMatches) {
    Stream owned{};
    owned.owner_type = "a:b";
    EXPECT_TRUE(owned.wants("a:b"));
    EXPECT_FALSE(owned.wants("a:c"));
    Stream own{};
    own.definition.types = TypeFilter::parse("a:*").value();
    EXPECT_TRUE(own.wants("a:c"));
    EXPECT_FALSE(own.wants("b"));
}

TEST(SinkTypes, HaveNoneForAnUnknownSource) {
    EXPECT_EQ(find_sink_type({}, "rabbit"), nullptr);
}

}  // namespace
}  // namespace headwater
