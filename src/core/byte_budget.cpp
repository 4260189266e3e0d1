#include "core/byte_budget.hpp"

namespace headwater {

bool ByteBudget::Share::resize(std::size_t bytes) {
    if (bytes <= bytes_) {
        resize_down(bytes);
        return true;
    }
    const std::size_t more = bytes - bytes_;
    const std::size_t taken = budget_.taken_.fetch_add(more, std::memory_order_relaxed) + more;
    if (taken > budget_.bytes_ && taken > bytes) {
        budget_.taken_.fetch_sub(more, std::memory_order_relaxed);
        return false;
    }
    bytes_ = bytes;
    return true;
}

void ByteBudget::Share::resize_down(std::size_t bytes) {
    if (bytes == bytes_) return;
    budget_.taken_.fetch_sub(bytes_ - bytes, std::memory_order_relaxed);
    bytes_ = bytes;
}

}  // namespace headwater
