#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "core/registry.hpp"
#include "core/registry_store.hpp"
#include "core/sink.hpp"
#include "rest/stream_definition.hpp"

namespace headwater::rest {

/// The body of PUT /api/events/register, read and checked.
struct ParsedRegistration {
    Registration registration;
    std::vector<ParsedStream> streams;  ///< as in registration.streams, with what is shown once
};

/// `json` is well-formed. New and changed destinations are looked at: blocking.
[[nodiscard]] std::expected<ParsedRegistration, Refusal> parse_registration(std::string_view json,
                                                                            const SinkTypes& sinks,
                                                                            const RegistryView& registry);

}  // namespace headwater::rest
