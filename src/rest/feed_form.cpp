#include "rest/feed_form.hpp"

namespace headwater::rest {

std::string_view media_type_of(FeedForm form) {
    switch (form) {
        case FeedForm::json:
            return "application/json";
        case FeedForm::cloud_events:
            return "application/cloudevents-batch+json";
    }
    return "";
}

std::optional<FeedForm> choose_feed_form(const Headers& headers) {
    if (headers.count("Accept") == 0) return FeedForm::json;
    const std::string accept = headers.joined("Accept");
    const auto quality = [&](FeedForm form) { return quality_of(accept, media_type_of(form)).value_or(0); };
    const int json = quality(FeedForm::json);
    const int cloud_events = quality(FeedForm::cloud_events);
    if (json == 0 && cloud_events == 0) return std::nullopt;
    return cloud_events > json ? FeedForm::cloud_events : FeedForm::json;
}

}  // namespace headwater::rest
