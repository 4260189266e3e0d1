#pragma once

#include <string_view>

namespace headwater::rest {

/// The name of a feed consumer: 1-100 characters of [A-Za-z0-9_.:@-].
[[nodiscard]] inline bool is_client_name(std::string_view name) {
    constexpr std::string_view kAllowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:@-";
    return !name.empty() && name.size() <= 100 && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace headwater::rest
