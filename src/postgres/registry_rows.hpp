#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event_type.hpp"
#include "core/stream.hpp"

namespace headwater::postgres {

class Transaction;

/// A row of headwater.event_types, removed ones too.
struct TypeRow {
    EventType type;
    bool is_removed = false;
};

// Reading and writing single rows of the registry, inside the caller's transaction. What decides which rows
// change is registry_store.cpp.
[[nodiscard]] std::vector<EventTypePtr> read_types(Transaction& transaction);
[[nodiscard]] std::optional<TypeRow> find_type(Transaction& transaction, std::string_view name);
/// Writes retention, schema and version of a new (id 0), removed or present type. Returns the row as stored.
EventType write_type(Transaction& transaction, const EventType& type, bool is_new);
void mark_type_removed(Transaction& transaction, TypeId type);

[[nodiscard]] std::vector<Stream> read_streams(Transaction& transaction);
/// Those of one type; TypeId 0: those of their own.
[[nodiscard]] std::vector<Stream> read_streams_of(Transaction& transaction, TypeId owner);
/// Takes the rows of a type's streams in the order in which everybody takes them, before several of them
/// change: their owners save them meanwhile.
void lock_streams_of(Transaction& transaction, TypeId owner);
[[nodiscard]] std::optional<Stream> find_stream(Transaction& transaction, StreamId id);
Stream insert_stream(Transaction& transaction, TypeId owner, const StreamDefinition& definition,
                     Cursor start);
Stream update_stream(Transaction& transaction, StreamId id, const StreamDefinition& definition);
Stream pause_stream(Transaction& transaction, StreamId id, bool is_paused);
void delete_stream(Transaction& transaction, StreamId id);

}  // namespace headwater::postgres
