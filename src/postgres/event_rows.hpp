#pragma once

#include <pqxx/result>
#include <string_view>

#include "core/event.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

/// The columns that make an event, in the order in which to_event() reads them. `is_ephemeral` is class = 0.
inline constexpr std::string_view kEventColumns =
    "id, created_at, expires_at, type_id, class, payload_base64, subject, meta, payload";
inline constexpr int kEventColumnCount = 9;

/// Builds the event of a row that begins with kEventColumns. `names` must have been read after the row was
/// committed.
[[nodiscard]] EventPtr to_event(const pqxx::row& row, const TypeCatalog::Names& names);

}  // namespace headwater::postgres
