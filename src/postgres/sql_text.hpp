#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace headwater::postgres {

/// A timestamptz parameter. Moments outside of the years 1 to 9999 become -infinity and infinity.
[[nodiscard]] std::string to_sql(Timestamp moment);

/// Reads a timestamptz as PostgreSQL writes it in DateStyle ISO and time zone UTC; infinity is
/// Timestamp::max().
[[nodiscard]] Timestamp parse_sql_time(std::string_view text);

/// Text from elsewhere as PostgreSQL takes it: without NUL, in UTF-8 (what is not becomes '?'), at most
/// `max_bytes`.
[[nodiscard]] std::string to_storable(std::string_view text, std::size_t max_bytes);

/// The elements of an array of numbers or plain words, `{1,NULL,3}`; NULL is "".
[[nodiscard]] std::vector<std::string_view> split_sql_array(std::string_view text);

/// An array of any texts (without NUL) as a parameter, each in quotes.
[[nodiscard]] std::string to_sql_array(const std::vector<std::string>& texts);

[[nodiscard]] std::int64_t parse_int64(std::string_view text);

/// A number of microseconds since 1970, as headwater.to_micros gives it.
[[nodiscard]] inline Timestamp from_micros(std::int64_t micros) {
    return Timestamp{std::chrono::microseconds{micros}};
}

}  // namespace headwater::postgres
