#pragma once

#include <chrono>
#include <functional>

namespace headwater::testing {

/// Asks again and again until the predicate holds; false when it does not within the patience. The one place
/// in the tests that waits by looking: where there is a signal to wait on, wait on that.
[[nodiscard]] bool eventually(std::chrono::milliseconds patience, const std::function<bool()>& predicate);

}  // namespace headwater::testing
