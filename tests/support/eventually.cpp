#include "tests/support/eventually.hpp"

#include <thread>

namespace headwater::testing {

bool eventually(std::chrono::milliseconds patience, const std::function<bool()>& predicate) {
    using std::chrono::steady_clock;
    const auto deadline = steady_clock::now() + patience;
    while (!predicate()) {
        if (steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace headwater::testing
