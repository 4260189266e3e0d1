#include "rest/feed_form.hpp"

#include <gtest/gtest.h>

namespace headwater::rest {
namespace {

std::optional<FeedForm> form_for(std::string_view accept) {
    Headers headers;
    headers.add("Accept", accept);
    return choose_feed_form(headers);
}

TEST(FeedForm, IsPlainUnlessAskedOtherwise) {
    EXPECT_EQ(choose_feed_form(Headers{}), FeedForm::json);
    EXPECT_EQ(form_for("*/*"), FeedForm::json);
    EXPECT_EQ(form_for("application/*"), FeedForm::json);
    EXPECT_EQ(form_for("application/json, application/cloudevents-batch+json"), FeedForm::json);
}

TEST(FeedForm, FollowsTheQualities) {
    EXPECT_EQ(form_for("application/cloudevents-batch+json"), FeedForm::cloud_events);
    EXPECT_EQ(form_for("application/cloudevents-batch+json, */*;q=0.1"), FeedForm::cloud_events);
    EXPECT_EQ(form_for("application/json;q=0, */*"), FeedForm::cloud_events);
    EXPECT_EQ(form_for("text/html"), std::nullopt);
    EXPECT_EQ(form_for("application/cloudevents+json"), std::nullopt);
}

}  // namespace
}  // namespace headwater::rest
