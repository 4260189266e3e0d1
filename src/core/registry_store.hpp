#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "core/event_type.hpp"
#include "core/stream.hpp"

namespace headwater {

/// A registration as a client asks for it, after validation.
struct Registration {
    std::string type;
    std::optional<Retention> retention;      ///< unset: keep the stored one, permanent for a new type
    std::optional<std::string> schema_text;  ///< unset: keep; "" removes
    std::optional<std::vector<StreamDefinition>> streams;  ///< unset: keep all; empty: remove all
    std::optional<std::int64_t>
        if_match;  ///< the version that must be stored now; 0 = any existing one (`*`)
};

struct RegistrationResult {
    bool is_new = false;
    bool is_changed = false;
    EventType type;
    std::vector<Stream> streams;  ///< all that it has now
    std::vector<Stream> removed;  ///< with their last saved cursors
};

/// Everything that is registered, as one consistent picture.
struct RegistrySnapshot {
    std::int64_t generation = 0;  ///< grows with every change anywhere
    std::vector<EventTypePtr> types;
    std::vector<Stream> streams;
};

/// Stores event types and streams. Thread-safe, blocking (never on an io thread); throws Unavailable. Every
/// change takes effect in one transaction and notifies all nodes. A Refusal is of kind not_found, conflict or
/// precondition_failed.
class RegistryStore {
  public:
    virtual ~RegistryStore() = default;

    [[nodiscard]] virtual RegistrySnapshot load() = 0;
    /// The generation alone: cheap, to find out whether load() is worth it.
    [[nodiscard]] virtual std::int64_t generation() = 0;

    [[nodiscard]] virtual std::expected<RegistrationResult, Refusal> put(
        const Registration& registration) = 0;
    /// Removes the registration and its streams (returned with their cursors); stored events stay until they
    /// expire.
    [[nodiscard]] virtual std::expected<std::vector<Stream>, Refusal> remove_type(
        std::string_view type, std::optional<std::int64_t> if_match) = 0;

    /// Adds a stream to a type, or changes the one of that name. `owner_type` "" is a stream of its own.
    [[nodiscard]] virtual std::expected<Stream, Refusal> put_stream(std::string_view owner_type,
                                                                    const StreamDefinition& definition,
                                                                    std::optional<std::int64_t> if_match) = 0;
    [[nodiscard]] virtual std::expected<Stream, Refusal> remove_stream(StreamId stream) = 0;
    /// Pauses or resumes, durably.
    [[nodiscard]] virtual std::expected<Stream, Refusal> set_paused(StreamId stream, bool paused) = 0;

    /// How many events the stream still has to deliver after its cursor: exact up to 10,000, which means "at
    /// least".
    [[nodiscard]] virtual std::int64_t lag_events(const Stream& stream) = 0;
};

}  // namespace headwater
