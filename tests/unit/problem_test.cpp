#include "rest/problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_text.hpp"

namespace headwater::rest {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Problem, CarriesEveryMemberOfTheContract) {
    const Response response =
        problem_response(Refusal{Refusal::Kind::invalid, "No \"good\".", {{"/a/0", "Bad."}}}, "r-1");
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(
        response.body,
        R"({"type":"/problems/invalid-request","title":"Invalid request","status":422,"detail":"No \"good\".",)"
        R"("instance":"r-1","errors":[{"pointer":"/a/0","detail":"Bad."}],"error":"No \"good\"."})");
    EXPECT_TRUE(check_json(response.body));
}

TEST(Problem, OnlyAnUnregisteredTypeIsDiscarded) {
    EXPECT_THAT(problem_json({Refusal::Kind::unregistered_type, "x"}, ""), HasSubstr(R"("discarded":true)"));
    EXPECT_THAT(problem_json({Refusal::Kind::reserved_type, "x"}, ""), Not(HasSubstr("discarded")));
}

TEST(Problem, WhatComesBackSaysWhen) {
    EXPECT_NE(unavailable_response("r").find("Retry-After"), nullptr);
    EXPECT_NE(problem_response(Refusal{Refusal::Kind::overloaded, "x"}, "r").find("Retry-After"), nullptr);
    EXPECT_EQ(internal_error_response("r").find("Retry-After"), nullptr);
}

TEST(Problem, EachKindHasItsStatus) {
    using Kind = Refusal::Kind;
    const std::pair<Kind, int> expected[] = {
        {Kind::malformed, 400},           {Kind::invalid, 422},   {Kind::unregistered_type, 422},
        {Kind::reserved_type, 422},       {Kind::gone, 410},      {Kind::schema_violation, 422},
        {Kind::too_large, 413},           {Kind::not_found, 404}, {Kind::idempotency_conflict, 422},
        {Kind::precondition_failed, 412}, {Kind::conflict, 409},  {Kind::overloaded, 503},
        {Kind::unavailable, 503},
    };
    for (const auto& [kind, status] : expected) EXPECT_EQ(problem_type(kind).status, status);
}

}  // namespace
}  // namespace headwater::rest
