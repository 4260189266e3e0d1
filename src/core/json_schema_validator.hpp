#pragma once

#include <cstddef>
#include <cstdint>

#include <rapidjson/schema.h>

#include "core/json_scan.hpp"

namespace headwater::json {

/// malloc that knows how much of it is in use: the size of a validation that is under way. One thread.
/// Private to JsonSchema.
class MeteredAllocator {
  public:
    static constexpr bool kNeedFree = true;

    MeteredAllocator() = default;
    MeteredAllocator(const MeteredAllocator&) = delete;
    MeteredAllocator& operator=(const MeteredAllocator&) = delete;

    // RapidJSON's allocator concept.
    void* Malloc(std::size_t size);
    void* Realloc(void* block, std::size_t old_size, std::size_t new_size);
    static void Free(void* block);

    [[nodiscard]] std::size_t bytes_in_use() const { return bytes_in_use_; }

  private:
    struct Header;
    std::size_t bytes_in_use_ = 0;
};

using Validator =
    rapidjson::GenericSchemaValidator<rapidjson::SchemaDocument,
                                      rapidjson::BaseReaderHandler<rapidjson::UTF8<>>, MeteredAllocator>;

/// Passes a payload's values on to the validator. Numbers go as what they are: RapidJSON's own conversion
/// overflows on extreme exponents, and takes raw numbers for strings. Ends a validation that would take more
/// than about half a second: recursive alternatives double the work with each level, uniqueItems compares
/// every pair.
class ValidatorInput {
  public:
    ValidatorInput(Validator& validator, const MeteredAllocator& memory)
        : validator_(validator), memory_(memory) {}

    [[nodiscard]] bool met_too_big() const { return is_too_big_; }
    [[nodiscard]] bool met_too_much() const { return work_ > kMaxWork || memory_.bytes_in_use() > kMaxBytes; }

    bool Null() { return spend() && validator_.Null(); }
    bool Bool(bool value) { return spend() && validator_.Bool(value); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool copy);
    bool String(const char* text, rapidjson::SizeType length, bool copy) {
        return spend() && validator_.String(text, length, copy);
    }
    bool Key(const char* text, rapidjson::SizeType length, bool copy) {
        return spend() && validator_.Key(text, length, copy);
    }
    bool StartObject() { return spend() && validator_.StartObject(); }
    bool EndObject(rapidjson::SizeType members) { return spend() && validator_.EndObject(members); }
    bool StartArray() { return spend() && validator_.StartArray(); }
    bool EndArray(rapidjson::SizeType elements) { return spend() && validator_.EndArray(elements); }

    // RapidJSON wants them too; with numbers as strings it does not call them.
    bool Int(int value) { return validator_.Int(value); }
    bool Uint(unsigned value) { return validator_.Uint(value); }
    bool Int64(std::int64_t value) { return validator_.Int64(value); }
    bool Uint64(std::uint64_t value) { return validator_.Uint64(value); }
    bool Double(double value) { return validator_.Double(value); }

  private:
    // In steps of one value and one kilobyte of state: each value goes to every part of the state.
    static constexpr std::size_t kMaxWork = 3'000'000;
    static constexpr std::size_t kMaxBytes = 16 << 20;

    bool spend() {
        work_ += 1 + memory_.bytes_in_use() / 1024;
        return !met_too_much();
    }

    Validator& validator_;
    const MeteredAllocator& memory_;
    std::size_t work_ = 0;
    bool is_too_big_ = false;
};

}  // namespace headwater::json
