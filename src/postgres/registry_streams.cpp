#include "postgres/registry_streams.hpp"

#include <algorithm>
#include <utility>

#include "postgres/connection.hpp"
#include "postgres/registry_rows.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kHead = "select head, clock from headwater.read_head()";
constexpr std::string_view kTimeAfter =
    "select coalesce((select at from headwater.log_times where first_id <= $1 order by first_id desc limit "
    "1),"
    " (select min(at) from headwater.log_times), '-infinity')";

Cursor start_of(Transaction& transaction, const StreamStart& start) {
    if (start.kind == StreamStart::Kind::now) {
        const pqxx::result rows = transaction.query(kHead);
        return {Position{rows[0][0].as<std::int64_t>()}, parse_sql_time(rows[0][1].c_str())};
    }
    const Position position = start.kind == StreamStart::Kind::after ? start.after : Position{};
    return {position, parse_sql_time(transaction.query(kTimeAfter, position.value)[0][0].c_str())};
}

bool is_same(const StreamDefinition& a, const StreamDefinition& b) {
    return a.source == b.source && a.destination == b.destination && a.order == b.order &&
           a.types.filters() == b.types.filters();
}

}  // namespace

StoredStream store_stream(Transaction& transaction, TypeId owner, const StreamDefinition& definition,
                          const std::vector<Stream>& present) {
    const auto named = std::ranges::find_if(
        present, [&](const Stream& stream) { return stream.definition.name == definition.name; });
    if (named == present.end()) {
        return {insert_stream(transaction, owner, definition, start_of(transaction, definition.start)), true};
    }
    if (is_same(named->definition, definition)) return {*named, false};
    return {update_stream(transaction, named->id, definition), true};
}

bool store_streams(Transaction& transaction, const std::vector<StreamDefinition>& wanted,
                   RegistrationResult& result) {
    const std::vector<Stream> present = std::exchange(result.streams, {});
    bool is_changed = false;
    for (const StreamDefinition& definition : wanted) {
        StoredStream stored = store_stream(transaction, result.type.id, definition, present);
        is_changed |= stored.is_changed;
        result.streams.push_back(std::move(stored.stream));
    }
    for (const Stream& stream : present) {
        const auto is_same_stream = [&](const Stream& kept) { return kept.id == stream.id; };
        if (std::ranges::any_of(result.streams, is_same_stream)) continue;
        delete_stream(transaction, stream.id);
        result.removed.push_back(stream);
        is_changed = true;
    }
    std::ranges::sort(result.streams, {}, &Stream::id);
    return is_changed;
}

}  // namespace headwater::postgres
