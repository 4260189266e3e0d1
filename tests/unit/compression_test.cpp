#include "rest/compression.hpp"

#include <gtest/gtest.h>

namespace headwater::rest {
namespace {

TEST(Compression, InflatesWhatItCompressed) {
    const std::string text(100'000, 'x');
    const std::string packed = gzip(text);
    EXPECT_LT(packed.size(), 2000U);
    EXPECT_EQ(gunzip(packed, text.size()), text);
    EXPECT_EQ(gunzip(gzip("a") + gzip("b"), 10), "ab");
    EXPECT_EQ(gunzip(gzip(""), 10), "");
}

TEST(Compression, StopsAtTheLimit) {
    const std::string bomb = gzip(std::string(10'000'000, ' '));
    EXPECT_EQ(gunzip(bomb, 1000).error(), GunzipError::too_large);
    EXPECT_EQ(gunzip(gzip("12345"), 4).error(), GunzipError::too_large);
    EXPECT_EQ(gunzip(gzip("12345"), 5), "12345");
}

TEST(Compression, RefusesBrokenData) {
    const std::string whole = gzip("something to inflate");
    EXPECT_EQ(gunzip("not gzip", 100).error(), GunzipError::malformed);
    EXPECT_EQ(gunzip("", 100).error(), GunzipError::malformed);
    EXPECT_EQ(gunzip(whole.substr(0, whole.size() - 3), 100).error(), GunzipError::malformed);
    EXPECT_EQ(gunzip(whole + "x", 100).error(), GunzipError::malformed);
    std::string flipped = whole;
    flipped[flipped.size() - 6] ^= 1;
    EXPECT_EQ(gunzip(flipped, 100).error(), GunzipError::malformed);
}

TEST(Compression, AsksWhatTheClientAccepts) {
    const auto accepts = [](std::string_view value) {
        Headers headers;
        headers.add("Accept-Encoding", value);
        return accepts_gzip(headers);
    };
    EXPECT_TRUE(accepts("gzip, deflate, br"));
    EXPECT_TRUE(accepts("*"));
    EXPECT_FALSE(accepts("gzip;q=0"));
    EXPECT_FALSE(accepts("br"));
    EXPECT_FALSE(accepts_gzip(Headers{}));
}

}  // namespace
}  // namespace headwater::rest
