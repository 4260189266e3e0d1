#include "core/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater {
namespace {

using testing::HasSubstr;

TEST(JsonText, EscapesOnlyWhatMustBeEscaped) {
    EXPECT_EQ(to_json_string(""), "\"\"");
    EXPECT_EQ(to_json_string("plain / caf\xC3\xA9 \x7F"), "\"plain / caf\xC3\xA9 \x7F\"");
    EXPECT_EQ(to_json_string("\"\\"), R"("\"\\")");
    EXPECT_EQ(to_json_string("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(to_json_string(std::string_view("\0\x1F", 2)), R"("\u0000\u001f")");
    std::string out = "x";
    append_json_string(out, "a\nb\n");
    EXPECT_EQ(out, R"(x"a\nb\n")");
}

TEST(JsonText, WritesEveryByteThatItCanReadAgain) {
    std::string all;
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    EXPECT_TRUE(check_json(to_json_string(all)));
}

TEST(JsonText, KnowsUtf8) {
    for (const auto* text :
         {"", "ascii only, longer than a word", "caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
          "\xEF\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "12345678\xC2\x80"}) {
        EXPECT_TRUE(is_valid_utf8(text)) << text;
    }
    for (const auto* text :
         {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98", "12345678\xBF"}) {
        EXPECT_FALSE(is_valid_utf8(text)) << text;
    }
}

TEST(JsonText, AgreesWithTheParserOnUtf8) {
    for (unsigned first = 0x80; first < 0x100; ++first) {
        for (unsigned second = 0x7F; second < 0x100; ++second) {
            for (const unsigned third : {0x7FU, 0x80U, 0x9FU, 0xBFU, 0xC0U}) {
                for (const std::size_t length : {1U, 2U, 3U, 4U}) {
                    const char bytes[] = {static_cast<char>(first), static_cast<char>(second),
                                          static_cast<char>(third), static_cast<char>(0x80)};
                    const std::string text(bytes, length);
                    ASSERT_EQ(check_json("\"" + text + "\"").has_value(), is_valid_utf8(text))
                        << testing::PrintToString(text);
                }
            }
        }
    }
}

TEST(JsonText, ChecksWholeTexts) {
    for (const auto* text : {"1", " null ", "\"\"", "[]", "{}", R"({"a":[true,false,{"b":-1.5e+10}]})",
                             "1e99999", "\t[ ]\r\n"}) {
        EXPECT_TRUE(check_json(text)) << text;
    }
    for (const auto* text : {"",
                             " ",
                             "01",
                             "+1",
                             ".5",
                             "1.",
                             "1e",
                             "-",
                             "nul",
                             "nan",
                             "Infinity",
                             "'a'",
                             "[1,]",
                             "{,}",
                             R"({"a":1,})",
                             R"({"a"})",
                             R"({a:1})",
                             "[1 2]",
                             "[",
                             "]",
                             "1 2",
                             "\"\n\"",
                             "\"\\x\"",
                             "\"\\ud800\"",
                             "\"\\udfff\"",
                             "// c\n1",
                             "\xEF\xBB\xBF"
                             "1",
                             "\"\x80\"",
                             "\xC2\xA0"
                             "1",
                             "[1e400,]"}) {
        EXPECT_FALSE(check_json(text)) << text;
    }
    EXPECT_FALSE(check_json(std::string_view("1\0", 2)));
    EXPECT_FALSE(check_json(std::string_view("\"\0\"", 3)));
}

TEST(JsonText, CapsDepthAndNumbers) {
    EXPECT_TRUE(check_json("[[]]", 2));
    EXPECT_TRUE(check_json("[[],[1,{}]]", 3));
    EXPECT_THAT(check_json("[[[]]]", 2).error(), HasSubstr("more than 2 deep"));
    EXPECT_THAT(check_json("{\"a\":{\"a\":[]}}", 2).error(), HasSubstr("more than 2 deep"));
    EXPECT_TRUE(check_json("1", 0));
    EXPECT_TRUE(check_json(std::string(128, '[') + std::string(128, ']')));
    EXPECT_FALSE(check_json(std::string(129, '[') + std::string(129, ']')));
    EXPECT_FALSE(check_json(std::string(1'000'000, '[')));
    EXPECT_TRUE(check_json(std::string(1000, '1')));
    EXPECT_THAT(check_json(std::string(1001, '1')).error(), HasSubstr("more than 1000 characters"));
}

TEST(JsonText, NamesTheOffset) {
    EXPECT_EQ(check_json("[1,x]").error(), "The JSON is malformed at byte 3: a value was expected.");
}

}  // namespace
}  // namespace headwater
