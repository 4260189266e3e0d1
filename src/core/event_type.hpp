#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/json_schema.hpp"
#include "core/retention.hpp"
#include "core/time.hpp"

namespace headwater {

/// A registered event type. Immutable and shared: the registry replaces it when the registration changes.
struct EventType {
    TypeId id;
    std::string name;
    Retention retention;
    std::string schema_text;                   ///< the JSON Schema as it was sent; "" when there is none
    std::shared_ptr<const JsonSchema> schema;  ///< compiled; null when there is none
    std::int64_t version = 1;  ///< grows with each change of the registration or its streams (ETag)
    Timestamp created_at;
    Timestamp updated_at;
};
using EventTypePtr = std::shared_ptr<const EventType>;

}  // namespace headwater
