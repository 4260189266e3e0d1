#include "postgres/binary_array.hpp"

#include <bit>
#include <chrono>
#include <cstring>
#include <limits>

namespace headwater::postgres {
namespace {

// array_send's header: dimensions, has-null flag, element oid, then length and lower bound of the one
// dimension.
constexpr std::size_t kHeaderBytes = 20;

void put_int32(char* where, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) *where++ = static_cast<char>(value >> shift);
}

}  // namespace

BinaryArray::BinaryArray(Element element, std::size_t expected_bytes) {
    bytes_.reserve(kHeaderBytes + expected_bytes);
    bytes_.resize(kHeaderBytes);
    put_int32(&bytes_[8], static_cast<std::uint32_t>(element));
}

void BinaryArray::append_int32(std::uint32_t value) {
    char buffer[4];
    put_int32(buffer, value);
    bytes_.append(buffer, sizeof buffer);
}

void BinaryArray::begin_element(std::size_t bytes) {
    append_int32(static_cast<std::uint32_t>(bytes));
    ++count_;
}

void BinaryArray::add(std::int64_t value) {
    begin_element(8);
    append_int32(static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32));
    append_int32(static_cast<std::uint32_t>(value));
}

void BinaryArray::add(std::string_view text) {
    begin_element(text.size());
    bytes_.append(text);
}

void BinaryArray::add(Timestamp moment) {
    using namespace std::chrono;
    using Limits = std::numeric_limits<std::int64_t>;
    constexpr Timestamp kZero = sys_days{2000y / January / 1};
    if (moment < Timestamp{sys_days{1y / January / 1}}) return add(Limits::min());
    if (moment >= Timestamp{sys_days{10000y / January / 1}}) return add(Limits::max());
    add((moment - kZero).count());
}

void BinaryArray::add_null() {
    append_int32(0xffffffff);
    ++count_;
    has_null_ = true;
}

void BinaryArray::add_boolean(bool value) {
    begin_element(1);
    bytes_.push_back(value ? '\1' : '\0');
}

void BinaryArray::add(const Digest& uuid) {
    begin_element(uuid.size());
    for (const unsigned char byte : uuid) bytes_.push_back(static_cast<char>(byte));
}

void BinaryArray::add_bits(std::span<const unsigned char> bytes) {
    begin_element(4 + bytes.size());
    append_int32(static_cast<std::uint32_t>(bytes.size() * 8));
    for (const unsigned char byte : bytes) bytes_.push_back(static_cast<char>(byte));
}

pqxx::binarystring BinaryArray::take() {
    put_int32(&bytes_[0], count_ == 0 ? 0 : 1);
    put_int32(&bytes_[4], has_null_ ? 1 : 0);
    put_int32(&bytes_[12], static_cast<std::uint32_t>(count_));
    put_int32(&bytes_[16], 1);
    if (count_ == 0) bytes_.resize(12);
    return {bytes_.data(), bytes_.size()};
}

}  // namespace headwater::postgres
