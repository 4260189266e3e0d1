#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/binarystring>
#include <span>
#include <string>
#include <string_view>

#include "core/event.hpp"

namespace headwater::postgres {

/// Builds a one-dimensional array parameter in PostgreSQL's binary form (array_recv): no quoting, any text is
/// fine. Elements are appended with add(); take() gives the parameter. The element type is fixed by the first
/// template argument's oid.
class BinaryArray {
  public:
    /// Object ids of pg_type; they are the same in every PostgreSQL.
    enum class Element : std::uint32_t {
        boolean = 16,
        int8 = 20,
        text = 25,
        timestamptz = 1184,
        bit = 1560,
        uuid = 2950
    };

    explicit BinaryArray(Element element, std::size_t expected_bytes = 0);

    void add(std::int64_t value);
    void add(std::string_view text);
    void add(const char*) = delete;
    void add(Timestamp moment);  ///< outside of the years 1 to 9999: -infinity and infinity
    void add_null();
    void add_boolean(bool value);
    void add(const Digest& uuid);
    void add_bits(std::span<const unsigned char> bytes);  ///< 8 bits each, the first bit first

    [[nodiscard]] std::size_t size() const { return count_; }
    /// The finished parameter. The object must not be used afterwards.
    [[nodiscard]] pqxx::binarystring take();

  private:
    void append_int32(std::uint32_t value);
    void begin_element(std::size_t bytes);

    std::string bytes_;
    std::size_t count_ = 0;
    bool has_null_ = false;
};

}  // namespace headwater::postgres
