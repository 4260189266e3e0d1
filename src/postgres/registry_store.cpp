#include "postgres/registry_store.hpp"

#include <algorithm>
#include <set>

#include "postgres/event_query.hpp"
#include "postgres/partitions.hpp"
#include "postgres/refusals.hpp"
#include "postgres/registry_rows.hpp"
#include "postgres/registry_streams.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::int64_t kCountedAtMost = 10'000;

constexpr std::string_view kLockRegistry = "select pg_advisory_xact_lock(7450489202)";
constexpr std::string_view kLockLog = "select headwater.lock_log()";
constexpr std::string_view kGeneration = "select generation from headwater.registry_generation";
constexpr std::string_view kChanged =
    "with moved as (update headwater.registry_generation set generation = generation + 1 returning "
    "generation) "
    "select pg_notify('headwater_registry', generation::text) from moved";
constexpr std::string_view kStoredClass =
    "select class from headwater.event_types where name = $1 and removed_at is null";
std::unexpected<Refusal> no_such_type() {
    return refuse(Refusal::Kind::not_found, "This event type is not registered.");
}
std::unexpected<Refusal> other_version() {
    return refuse(Refusal::Kind::precondition_failed,
                  "The stored version is not the one that If-Match names.");
}

/// `stored` is the version of what is there; unset when nothing is.
bool is_match(std::optional<std::int64_t> if_match, std::optional<std::int64_t> stored) {
    if (!if_match) return true;
    return stored && (*if_match == 0 || *if_match == *stored);
}

/// A change of the registry: one at a time, and told to all nodes when it has changed anything.
class Change {
  public:
    explicit Change(Connection& connection) : transaction_(connection) { transaction_.query(kLockRegistry); }
    Transaction& transaction() { return transaction_; }
    void commit() {
        transaction_.query(kChanged);
        transaction_.commit();
    }

  private:
    Transaction transaction_;
};

bool has_repeated_names(const std::vector<StreamDefinition>& definitions) {
    std::set<std::string_view> names;
    return !std::ranges::all_of(definitions,
                                [&](const auto& definition) { return names.insert(definition.name).second; });
}

/// The type as the registration wants it, on top of what is stored.
EventType wanted_type(const Registration& registration, const std::optional<TypeRow>& stored) {
    EventType type;
    if (stored && !stored->is_removed) type = stored->type;
    type.name = registration.type;
    if (registration.retention) type.retention = *registration.retention;
    if (registration.schema_text) type.schema_text = *registration.schema_text;
    return type;
}

void prepare_partitions(Connection& connection, const Registration& registration) {
    if (!registration.retention && !connection.query(kStoredClass, registration.type).empty()) return;
    const Retention retention = registration.retention.value_or(Retention{});
    if (retention.is_ephemeral()) return;
    make_partitions_ahead(connection, partitioned_table_of(retention_class_of(retention)));
}

std::expected<RegistrationResult, Refusal> put_in(Change& change, const Registration& registration) {
    Transaction& transaction = change.transaction();
    const std::optional<TypeRow> stored = find_type(transaction, registration.type);
    const bool is_present = stored && !stored->is_removed;
    if (!is_match(registration.if_match, is_present ? std::optional(stored->type.version) : std::nullopt)) {
        return other_version();
    }
    RegistrationResult result;
    result.is_new = !is_present;
    const EventType wanted = wanted_type(registration, stored);
    result.is_changed = result.is_new || wanted.retention != stored->type.retention ||
                        wanted.schema_text != stored->type.schema_text;
    // An append reads the type more than once, under the log's lock: it must not change in between.
    if (stored && result.is_changed) transaction.query(kLockLog);
    bool is_written = result.is_changed;
    result.type = is_written ? write_type(transaction, wanted, !stored) : stored->type;
    if (registration.streams) lock_streams_of(transaction, result.type.id);
    result.streams = read_streams_of(transaction, result.type.id);
    if (registration.streams && store_streams(transaction, *registration.streams, result)) {
        result.is_changed = true;
        if (!is_written) result.type = write_type(transaction, wanted, false);
    }
    if (result.is_changed) change.commit();
    return result;
}

void touch_owner(Transaction& transaction, std::string_view owner_type) {
    if (owner_type.empty()) return;
    if (const auto owner = find_type(transaction, owner_type)) write_type(transaction, owner->type, false);
}

}  // namespace

RegistrySnapshot PostgresRegistryStore::load() {
    return pool_.run([](Connection& connection) {
        Transaction transaction(connection);
        transaction.run("set transaction isolation level repeatable read read only");
        RegistrySnapshot snapshot;
        snapshot.generation = transaction.query(kGeneration).at(0)[0].as<std::int64_t>();
        snapshot.types = read_types(transaction);
        snapshot.streams = read_streams(transaction);
        transaction.commit();
        return snapshot;
    });
}

std::int64_t PostgresRegistryStore::generation() {
    return pool_.run(
        [](Connection& connection) { return connection.query(kGeneration).at(0)[0].as<std::int64_t>(); });
}

std::expected<RegistrationResult, Refusal> PostgresRegistryStore::put(const Registration& registration) {
    if (registration.streams && has_repeated_names(*registration.streams)) {
        return refuse(Refusal::Kind::conflict, "Two streams of the registration have the same name.");
    }
    return pool_.run([&](Connection& connection) {
        prepare_partitions(connection, registration);
        Change change(connection);
        return put_in(change, registration);
    });
}

std::expected<std::vector<Stream>, Refusal> PostgresRegistryStore::remove_type(
    std::string_view type, std::optional<std::int64_t> if_match) {
    return pool_.run([&](Connection& connection) -> std::expected<std::vector<Stream>, Refusal> {
        Change change(connection);
        const auto stored = find_type(change.transaction(), type);
        if (!stored || stored->is_removed) return no_such_type();
        if (!is_match(if_match, stored->type.version)) return other_version();
        lock_streams_of(change.transaction(), stored->type.id);
        std::vector<Stream> removed = read_streams_of(change.transaction(), stored->type.id);
        for (const Stream& stream : removed) delete_stream(change.transaction(), stream.id);
        mark_type_removed(change.transaction(), stored->type.id);
        change.commit();
        return removed;
    });
}

std::expected<Stream, Refusal> PostgresRegistryStore::put_stream(std::string_view owner_type,
                                                                 const StreamDefinition& definition,
                                                                 std::optional<std::int64_t> if_match) {
    return pool_.run([&](Connection& connection) -> std::expected<Stream, Refusal> {
        Change change(connection);
        TypeId owner{};
        if (!owner_type.empty()) {
            const auto stored = find_type(change.transaction(), owner_type);
            if (!stored || stored->is_removed) return no_such_type();
            owner = stored->type.id;
        }
        const std::vector<Stream> present = read_streams_of(change.transaction(), owner);
        const auto named = std::ranges::find_if(
            present, [&](const Stream& stream) { return stream.definition.name == definition.name; });
        if (!is_match(if_match, named == present.end() ? std::nullopt : std::optional(named->version))) {
            return other_version();
        }
        const StoredStream result = store_stream(change.transaction(), owner, definition, present);
        if (!result.is_changed) return result.stream;
        touch_owner(change.transaction(), owner_type);
        change.commit();
        return result.stream;
    });
}

std::expected<Stream, Refusal> PostgresRegistryStore::remove_stream(StreamId id) {
    return pool_.run([&](Connection& connection) -> std::expected<Stream, Refusal> {
        Change change(connection);
        const auto stream = find_stream(change.transaction(), id);
        if (!stream) return no_such_stream();
        delete_stream(change.transaction(), id);
        touch_owner(change.transaction(), stream->owner_type);
        change.commit();
        return *stream;
    });
}

std::expected<Stream, Refusal> PostgresRegistryStore::set_paused(StreamId id, bool paused) {
    return pool_.run([&](Connection& connection) -> std::expected<Stream, Refusal> {
        Change change(connection);
        const auto stream = find_stream(change.transaction(), id);
        if (!stream) return no_such_stream();
        if (stream->is_paused == paused) return *stream;
        const Stream changed = pause_stream(change.transaction(), id, paused);
        change.commit();
        return changed;
    });
}

std::int64_t PostgresRegistryStore::lag_events(const Stream& stream) {
    return pool_.run([&](Connection& connection) {
        const TypeCatalog::ViewPtr catalog = types_.current(connection);
        EventScope scope;
        scope.types = stream.owner_type.empty() ? select_types(catalog->names, stream.definition.types)
                                                : select_type(catalog->names, stream.owner_type);
        scope.from = stream.cursor.at;
        scope.after = stream.cursor.position;
        scope.limit = kCountedAtMost;
        return count_events(connection, scope);
    });
}

}  // namespace headwater::postgres
