#pragma once

#include <string_view>

namespace headwater::app {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace headwater::app
