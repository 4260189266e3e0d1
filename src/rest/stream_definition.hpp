#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "core/sink.hpp"
#include "core/stream.hpp"

namespace headwater::rest {

/// A stream object of a request body, read and ready to be stored.
struct ParsedStream {
    StreamDefinition definition;
    std::string shown_once;  ///< as in ParsedDestination
    bool is_new = true;      ///< its owner has no stream of this name yet
};

/// What the reader of a stream object goes by.
struct StreamContext {
    const SinkTypes& sinks;
    std::span<const Stream* const> siblings;  ///< the owner's streams as they are stored
    std::string_view pointer;                 ///< of the stream object inside the body
    std::string_view name{};                  ///< the name from the address; "" when the body may give one
    bool has_types = false;                   ///< a stream of its own: `types` are read too
};

/// Reads a stream object (well-formed JSON): its own members here, the destination's by its sink. Secrets
/// that are left out come from the sibling of the same name.
[[nodiscard]] std::expected<ParsedStream, Refusal> parse_stream(std::string_view json,
                                                                const StreamContext& context);

/// An array of them; names must differ.
[[nodiscard]] std::expected<std::vector<ParsedStream>, Refusal> parse_streams(std::string_view json,
                                                                              const StreamContext& context);

/// Looks at the destinations that are new or have changed. Blocking.
[[nodiscard]] std::expected<void, Refusal> verify_destination(const ParsedStream& stream,
                                                              const StreamContext& context);

/// 1-100 characters of [A-Za-z0-9_.-], not digits alone (that would be an id).
[[nodiscard]] bool is_stream_name(std::string_view name);

}  // namespace headwater::rest
