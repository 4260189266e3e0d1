#include "core/json_schema.hpp"

#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater {
namespace {

using testing::HasSubstr;

std::shared_ptr<const JsonSchema> compile(std::string_view text) {
    auto schema = JsonSchema::compile(text);
    if (schema) return *schema;
    ADD_FAILURE() << text << " was refused: " << schema.error();
    return JsonSchema::compile("{}").value();
}

std::string refusal(std::string_view text) {
    const auto schema = JsonSchema::compile(text);
    return schema ? "" : schema.error();
}

/// "pointer: sentence" of the first violation; "" when there is none.
std::string violation(std::string_view schema, std::string_view payload) {
    const auto errors = compile(schema)->validate(payload);
    return errors.empty() ? "" : errors[0].pointer + ": " + errors[0].detail;
}

bool accepts(std::string_view schema, std::string_view payload) {
    return compile(schema)->validate(payload).empty();
}

TEST(JsonSchema, NamesWhereAndWhatIsWrong) {
    const struct {
        std::string_view schema;
        std::string_view payload;
        std::string_view violation;
    } cases[] = {
        {R"({"type":"integer"})", R"("x")", ": The value must be an integer."},
        {R"({"properties":{"a":{"type":["string","null"]}}})", R"({"a":1})",
         "/a: The value must be a string or null."},
        {R"({"required":["a","b"]})", R"({"a":1})", R"(: The value is missing the member "b".)"},
        {R"({"properties":{"x":{"items":{"required":["p","q"]}}}})",
         R"({"w":[{}],"x":[{"p":1,"q":2},{"q":3}]})", R"(/x/1: The value is missing the member "p".)"},
        {R"({"minimum":5})", "4", ": The value must be at least 5."},
        {R"({"minimum":5,"exclusiveMinimum":true})", "5", ": The value must be above 5."},
        {R"({"maximum":5.5})", "6", ": The value must be at most 5.5."},
        {R"({"maximum":5,"exclusiveMaximum":true})", "5", ": The value must be below 5."},
        {R"({"multipleOf":3})", "4", ": The value must be a multiple of 3."},
        {R"({"minLength":2})", R"("x")", ": The value must have at least 2 characters."},
        {R"({"maxLength":2})", R"("xyz")", ": The value must have at most 2 characters."},
        {R"({"minItems":1})", "[]", ": The value must have at least 1 elements."},
        {R"({"maxItems":1})", "[1,2]", ": The value must have at most 1 elements."},
        {R"({"maxProperties":0})", R"({"a":1})", ": The value must have at most 0 members."},
        {R"({"uniqueItems":true})", "[1,2,1]", "/2: The value must not hold two equal elements."},
        {R"({"items":[{}],"additionalItems":false})", "[1,2]",
         "/1: The value has more elements than the schema allows."},
        {R"({"enum":["a",1,null]})", "2", ": The value must be one of the values that the schema lists."},
        {R"({"pattern":"^a+$"})", R"("b")", ": The value must match the schema's pattern."},
        {R"({"additionalProperties":false,"properties":{"a":{}}})", R"({"b/c":1})",
         "/b~1c: The value is no member that the schema allows."},
        {R"({"dependencies":{"a":["b"]}})", R"({"a":1})",
         ": The value lacks what one of its members depends on."},
        {R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "1",
         ": The value must meet at least one of the schema's alternatives."},
        {R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "1",
         ": The value must meet exactly one of the schema's alternatives."},
        {R"({"allOf":[{"type":"integer"},{"minimum":2}]})", "1",
         ": The value must meet all of the schema's alternatives."},
        {R"({"not":{"type":"null"}})", "null", ": The value must not meet the schema under \"not\"."},
        {R"({"type":"object"})", "1e400", ": The value must not hold a number beyond the range of a double."},
        {R"({"type":"object"})", R"({"a":{"b":-1e999}})",
         "/a/b: The value must not hold a number beyond the range of a double."},
    };
    for (const auto& [schema, payload, expected] : cases)
        EXPECT_EQ(violation(schema, payload), expected) << schema;
}

TEST(JsonSchema, AcceptsWhatMeetsIt) {
    EXPECT_TRUE(accepts("{}", R"({"a":[1,2,{}]})"));
    EXPECT_TRUE(accepts(R"({"type":"integer"})", "12"));
    EXPECT_TRUE(accepts(R"({"type":"integer"})", "-9223372036854775808"));
    EXPECT_TRUE(accepts(R"({"type":"integer"})", "18446744073709551615"));
    EXPECT_TRUE(accepts(R"({"type":"number"})", "1.5e3"));
    EXPECT_FALSE(accepts(R"({"type":"integer"})", "1.5"));
    EXPECT_TRUE(accepts(R"({"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]})",
                        R"({"id":7})"));
    EXPECT_TRUE(accepts(R"({"type":"string"})", "\"\\u0000\""));
}

TEST(JsonSchema, ReadsNumbersWithExtremeExponents) {
    const std::string tiny = "0." + std::string(900, '0') + "1e-2147483639";
    EXPECT_TRUE(accepts(R"({"type":"number","maximum":0})", tiny));
    EXPECT_TRUE(accepts(R"({"type":"number","maximum":0})", "1e-999999999999999999"));
    EXPECT_TRUE(accepts(R"({"type":"number","minimum":1e90})", std::string(100, '7')));
    EXPECT_FALSE(accepts(R"({"type":"number"})", std::string(400, '7')));
}

TEST(JsonSchema, FollowsReferencesInsideOfIt) {
    const auto tree = R"({"$ref":"#/definitions/node","definitions":{"node":{"type":"object","required":["v"],
        "properties":{"v":{"type":"integer"},"next":{"$ref":"#/definitions/node"}}}}})";
    EXPECT_TRUE(accepts(tree, R"({"v":1,"next":{"v":2,"next":{"v":3}}})"));
    EXPECT_EQ(violation(tree, R"({"v":1,"next":{"v":2,"next":{"v":"x"}}})"),
              "/next/next/v: The value must be an integer.");
    EXPECT_TRUE(
        accepts(R"({"properties":{"a":{"$ref":"#"}},"additionalProperties":false})", R"({"a":{"a":{}}})"));
    EXPECT_FALSE(
        accepts(R"({"properties":{"a":{"$ref":"#"}},"additionalProperties":false})", R"({"a":{"b":{}}})"));
    EXPECT_TRUE(accepts(R"({"properties":{"a b":{"type":"null"},"c":{"$ref":"#/properties/a%20b"}}})",
                        R"({"c":null})"));
}

TEST(JsonSchema, RefusesWhatIsNoSchema) {
    for (const std::string_view text : {"[]",
                                        "true",
                                        "\"x\"",
                                        "",
                                        "{",
                                        R"({"type":"int"})",
                                        R"({"type":[]})",
                                        R"({"type":1})",
                                        R"({"required":"a"})",
                                        R"({"required":[1]})",
                                        R"({"properties":{"a":true}})",
                                        R"({"properties":[]})",
                                        R"({"items":[]})",
                                        R"({"items":[1]})",
                                        R"({"allOf":{}})",
                                        R"({"anyOf":[1]})",
                                        R"({"not":true})",
                                        R"({"minLength":-1})",
                                        R"({"maxItems":1.5})",
                                        R"({"minimum":"1"})",
                                        R"({"exclusiveMinimum":3})",
                                        R"({"multipleOf":0})",
                                        R"({"uniqueItems":1})",
                                        R"({"pattern":1})",
                                        R"({"patternProperties":1})",
                                        R"({"patternProperties":{"a":1}})",
                                        R"({"dependencies":{"a":1}})",
                                        R"({"dependencies":{"a":[1]}})",
                                        R"({"enum":1})",
                                        R"({"enum":[]})",
                                        R"({"const":1})",
                                        R"({"if":{}})",
                                        R"({"minimum":1e999})",
                                        R"({"enum":[{"patternProperties":1}]})",
                                        R"({"$ref":1})"}) {
        EXPECT_NE(refusal(text), "") << text;
    }
    EXPECT_EQ(refusal(R"({"properties":{"a":{"type":"int"}}})"),
              "The schema's \"type\" must be the name of a JSON type or a list of them.");
    EXPECT_THAT(refusal(R"({"x":)" + std::string(200, '[') + std::string(200, ']') + "}"),
                HasSubstr("128 deep"));
    EXPECT_THAT(refusal("{\"x\":\"" + std::string(70'000, 'x') + "\"}"), HasSubstr("at most 65536 bytes"));
}

TEST(JsonSchema, RefusesReferencesThatLeadNowhereOrRoundInACircle) {
    for (
        const std::string_view text :
        {R"({"$ref":"http://example.com/schema"})", R"({"$ref":"other.json#/a"})", R"({"$ref":""})",
         R"({"$ref":"#/nowhere"})", R"({"$ref":"#name"})", R"({"$ref":"#/a","a":[]})", R"({"$ref":"#"})",
         R"({"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}})",
         R"({"allOf":[{"$ref":"#"}]})",
         R"({"properties":{"x":{"anyOf":[{"not":{"$ref":"#/properties/x"}}]}}})",
         R"({"dependencies":{"a":{"$ref":"#"}}})"}) {
        EXPECT_THAT(refusal(text), testing::AnyOf(HasSubstr("refer"), HasSubstr("$ref"))) << text;
    }
}

TEST(JsonSchema, RefusesSchemasThatMultiplyTheWork) {
    std::string text = R"({"$ref":"#/definitions/d0","definitions":{"d20":{})";
    for (int i = 0; i < 20; ++i) {
        const auto next = R"({"$ref":"#/definitions/d)" + std::to_string(i + 1) + "\"}";
        text += ",\"d" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]}";
    }
    EXPECT_THAT(refusal(text + "}}"), HasSubstr("too many schemas"));
    std::string chain = R"({"definitions":{"d2000":{})";
    for (int i = 0; i < 2000; ++i) {
        chain += ",\"d" + std::to_string(i) + R"(":{"$ref":"#/definitions/d)" + std::to_string(i + 1) + "\"}";
    }
    EXPECT_NE(refusal(chain + "}}"), "");
}

TEST(JsonSchema, RunsPatternsAsEcmaScriptMeansThem) {
    const struct {
        std::string_view pattern;
        std::string_view text;
        bool matches;
    } cases[] = {
        {"a+b", "xaab", true},
        {"a+b", "xb", false},
        {"^\\\\d{3}$", "123", true},
        {"^\\\\d{3}$", "1234", false},
        {"^\\\\w+@\\\\w+\\\\.\\\\w+$", "me@ex.org", true},
        {"^\\\\w+@\\\\w+\\\\.\\\\w+$", "me@exorg", false},
        {"^[\\\\w.-]+$", "a-b.c_1", true},
        {"^[\\\\w.-]+$", "a b", false},
        {"^[^\\\\s/]+$", "a b", false},
        {"^[+-]?\\\\d+$", "-12", true},
        {"^[a\\\\-z]+$", "-", true},
        {"^[a\\\\-z]+$", "b", false},
        {"^(?:ab|c)+$", "abcab", true},
        {"^(ab|c)+$", "abcb", false},
        {"^(a|b)$", "ab", false},
        {"a|b", "xxb", true},
        {"^a{2,}$", "aaaa", true},
        {"^a{2,}$", "a", false},
        {"^a{2,3}$", "aaaa", false},
        {"^a{0,2}b$", "b", true},
        {"^a{0,2}b$", "aaab", false},
        {"^a*?b$", "aab", true},
        {"^\\\\D+$", "ab", true},
        {"^\\\\D+$", "a1", false},
        {"^\\\\/x\\\\]$", "/x]", true},
        {"^.{2}$", "\xC3\xA9\xC3\xA9", true},
        {"^[\xC3\xA0-\xC3\xBF]$", "\xC3\xA9", true},
        {"^\\\\$1$", "$1", true},
        {"^x}$", "x}", true},
        {"^[]a]$", "a", false},
        {"^[$^]$", "^", true},
    };
    for (const auto& [pattern, text, matches] : cases) {
        const auto schema = R"({"pattern":")" + std::string(pattern) + "\"}";
        if (refusal(schema).empty()) {
            EXPECT_EQ(accepts(schema, '"' + std::string(text) + '"'), matches) << pattern << " on " << text;
        } else {
            EXPECT_FALSE(matches) << pattern << ": " << refusal(schema);
        }
    }
}

TEST(JsonSchema, RefusesPatternsThatItCannotRunSafely) {
    for (const std::string_view pattern : {"",         "(",
                                           ")",        "(a",
                                           "a)",       "a()",
                                           "[",        "[]",
                                           "[a",       "*",
                                           "a**",      "+a",
                                           "a{",       "a{x}",
                                           "a{2,1}",   "a{0}",
                                           "a{99999}", "(a*)*",
                                           "(a?)+",    "(a|b?)*",
                                           "(a?){3}",  "(a?|b?)c",
                                           "a|",       "|a",
                                           "a^b",      "a$b",
                                           "^a|b",     "(?=a)",
                                           "(?<n>a)",  "(a)\\\\1",
                                           "\\\\bx",   "\\\\u0041",
                                           "[\\\\D]",  "((a{100}){100}){100}",
                                           "\\\\",     "a\\u0000"}) {
        const auto schema = R"({"pattern":")" + std::string(pattern) + "\"}";
        EXPECT_THAT(refusal(schema), HasSubstr("A pattern of the schema cannot be used")) << pattern;
        const auto names = R"({"patternProperties":{")" + std::string(pattern) + "\":{}}}";
        EXPECT_THAT(refusal(names), HasSubstr("A pattern of the schema cannot be used")) << pattern;
    }
    EXPECT_NE(refusal(R"({"pattern":")" + std::string(1001, 'a') + "\"}"), "");
}

TEST(JsonSchema, ChecksMembersByPatternsOfTheirNames) {
    const auto schema = R"({"patternProperties":{"^n_":{"type":"integer"}},"additionalProperties":false})";
    EXPECT_TRUE(accepts(schema, R"({"n_a":1})"));
    EXPECT_FALSE(accepts(schema, R"({"n_a":"x"})"));
    EXPECT_EQ(violation(schema, R"({"x":1})"), "/x: The value is no member that the schema allows.");
    const auto both =
        R"({"patternProperties":{"^n_":{"minimum":3}},"properties":{"n_a":{"maximum":5},"b":{"type":"null"}}})";
    EXPECT_TRUE(accepts(both, R"({"b":null,"n_a":4,"n_b":9,"c":[]})"));
    EXPECT_FALSE(accepts(both, R"({"n_a":2})"));
    EXPECT_FALSE(accepts(both, R"({"n_a":6})"));
    EXPECT_TRUE(accepts(R"({"patternProperties":{"a":{},"b":{}}})", R"({"ab":{"a":1},"b":[1]})"));
    EXPECT_NE(refusal(R"({"patternProperties":{"a":{}},"additionalProperties":{"type":"null"}})"), "");
}

TEST(JsonSchema, ValidatesOnManyThreadsAtOnce) {
    const auto schema = compile(R"({"pattern":"^(ab|cd)+$"})");
    std::barrier start(4);
    std::vector<int> wrong(4);
    {
        std::vector<std::jthread> threads;
        for (auto& count : wrong) {
            threads.emplace_back([&] {
                start.arrive_and_wait();
                for (int i = 0; i < 500; ++i) {
                    if (!schema->validate(R"("abcdab")").empty()) ++count;
                    if (schema->validate(R"("abc")").empty()) ++count;
                }
            });
        }
    }
    EXPECT_THAT(wrong, testing::Each(0));
}

TEST(JsonSchema, EndsAValidationThatWouldNeverEnd) {
    const std::string deep = std::string(128, '[') + std::string(128, ']');
    const auto doubling = R"({"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]})";
    EXPECT_EQ(violation(doubling, deep),
              ": The value is too large or too deep to be checked against the schema.");
    EXPECT_TRUE(accepts(doubling, "[[[[[[[[[]]]]]]]]]"));
    std::string numbers = "[0";
    for (int i = 1; i < 100'000; ++i) numbers += "," + std::to_string(i);
    EXPECT_EQ(violation(R"({"uniqueItems":true})", numbers + "]"),
              ": The value is too large or too deep to be checked against the schema.");
    EXPECT_TRUE(accepts(R"({"items":{"anyOf":[{"type":"string"},{"type":"integer"}]}})", numbers + "]"));
}

TEST(JsonSchema, ValidatesDeepPayloads) {
    const std::string deep = std::string(128, '[') + std::string(128, ']');
    EXPECT_TRUE(accepts(R"({"items":{"$ref":"#"}})", deep));
}

}  // namespace
}  // namespace headwater
