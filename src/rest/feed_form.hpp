#pragma once

#include <optional>
#include <string_view>

#include "rest/headers.hpp"

namespace headwater::rest {

/// What a feed page is written in.
enum class FeedForm { json, cloud_events };

[[nodiscard]] std::string_view media_type_of(FeedForm form);

/// The form that an Accept header asks for, the plain one when it does not care; nothing when it wants
/// neither (406).
[[nodiscard]] std::optional<FeedForm> choose_feed_form(const Headers& headers);

}  // namespace headwater::rest
