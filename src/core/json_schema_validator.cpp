#include "core/json_schema_validator.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>

namespace headwater::json {
namespace {

template <class Number>
bool reads_whole(const char* begin, const char* end, Number& value) {
    const auto [stop, error] = std::from_chars(begin, end, value);
    return error == std::errc{} && stop == end;
}

}  // namespace

/// Stands before each block, so that Free() finds its way back.
struct alignas(std::max_align_t) MeteredAllocator::Header {
    MeteredAllocator* owner;
    std::size_t size;
};

void* MeteredAllocator::Malloc(std::size_t size) {
    if (size == 0) return nullptr;
    auto* block = std::malloc(sizeof(Header) + size);
    if (block == nullptr) throw std::bad_alloc();
    bytes_in_use_ += size;
    return new (block) Header{this, size} + 1;
}

void* MeteredAllocator::Realloc(void* block, std::size_t old_size, std::size_t new_size) {
    auto* fresh = Malloc(new_size);
    if (block != nullptr && fresh != nullptr) std::memcpy(fresh, block, std::min(old_size, new_size));
    Free(block);
    return fresh;
}

void MeteredAllocator::Free(void* block) {
    if (block == nullptr) return;
    auto* header = static_cast<Header*>(block) - 1;
    header->owner->bytes_in_use_ -= header->size;
    std::free(header);
}

bool ValidatorInput::RawNumber(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    if (!spend()) return false;
    const char* const end = text + length;
    if (std::int64_t integer = 0; reads_whole(text, end, integer)) {
        return integer < 0 ? validator_.Int64(integer)
                           : validator_.Uint64(static_cast<std::uint64_t>(integer));
    }
    if (std::uint64_t integer = 0; reads_whole(text, end, integer)) return validator_.Uint64(integer);
    double real = 0;
    if (!reads_whole(text, end, real)) real = std::strtod(text, nullptr);  // out of range: zero or infinite
    is_too_big_ = std::isinf(real);
    return !is_too_big_ && validator_.Double(real);
}

}  // namespace headwater::json
