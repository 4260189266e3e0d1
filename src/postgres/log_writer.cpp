#include "postgres/log_writer.hpp"

#include <set>

#include "core/log.hpp"
#include "postgres/binary_array.hpp"
#include "postgres/connection.hpp"
#include "postgres/partitions.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kAppend =
    "select o_previous_head, headwater.to_micros(o_clock), headwater.to_micros(o_now), o_ordinals, "
    "o_outcomes, o_ids, o_times, array_to_string(o_answers, e'\\n', '') "
    "from headwater.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

/// The parameters of headwater.append(), column by column.
struct Columns {
    BinaryArray types{BinaryArray::Element::int8};
    BinaryArray type_ids{BinaryArray::Element::int8};
    BinaryArray subjects{BinaryArray::Element::text};
    BinaryArray metas{BinaryArray::Element::text};
    BinaryArray payloads{BinaryArray::Element::text};
    BinaryArray base64{BinaryArray::Element::boolean};
    BinaryArray key_ordinals{BinaryArray::Element::int8};
    BinaryArray keys{BinaryArray::Element::uuid};
    BinaryArray fingerprints{BinaryArray::Element::uuid};
    BinaryArray request_firsts{BinaryArray::Element::int8};
    BinaryArray request_counts{BinaryArray::Element::int8};
    BinaryArray request_keys{BinaryArray::Element::uuid};
    BinaryArray request_fingerprints{BinaryArray::Element::uuid};

    explicit Columns(const AppendBatch& batch);
    void add(const NewEvent& event);
};

Columns::Columns(const AppendBatch& batch) {
    std::set<std::int64_t> distinct;
    for (const NewEvent* event : batch.events) {
        add(*event);
        if (event->type) distinct.insert(event->type->id.value);
    }
    for (const std::int64_t id : distinct) types.add(id);
    for (const KeyedRequest& request : batch.requests) {
        request_firsts.add(static_cast<std::int64_t>(request.first) + 1);
        request_counts.add(static_cast<std::int64_t>(request.count));
        request_keys.add(request.key.key);
        request_fingerprints.add(request.key.fingerprint);
    }
}

void Columns::add(const NewEvent& event) {
    if (event.type) {
        type_ids.add(event.type->id.value);
    } else {
        type_ids.add_null();
    }
    if (event.subject) {
        subjects.add(std::string_view(*event.subject));
    } else {
        subjects.add_null();
    }
    metas.add(std::string_view(event.meta));
    payloads.add(std::string_view(event.payload));
    base64.add_boolean(event.payload_is_base64);
    if (event.key) {
        key_ordinals.add(static_cast<std::int64_t>(type_ids.size()));
        keys.add(event.key->key);
        fingerprints.add(event.key->fingerprint);
    }
}

Appended::Outcome to_outcome(std::string_view word) {
    if (word == "duplicate") return Appended::Outcome::duplicate;
    if (word == "conflict") return Appended::Outcome::conflict;
    if (word == "refused") return Appended::Outcome::refused;
    return Appended::Outcome::unregistered;
}

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

/// Stored events got consecutive ids; the row's arrays tell of the others.
AppendResult to_result(const pqxx::row& row, std::size_t count) {
    AppendResult result;
    result.previous_head = Position{row[0].as<std::int64_t>()};
    result.clock = from_micros(row[1].as<std::int64_t>());
    result.database_now = from_micros(row[2].as<std::int64_t>());
    result.events.resize(count);
    const auto ordinals = split_sql_array(row[3].is_null() ? "" : row[3].c_str());
    const auto outcomes = split_sql_array(row[4].is_null() ? "" : row[4].c_str());
    const auto ids = split_sql_array(row[5].is_null() ? "" : row[5].c_str());
    const auto times = split_sql_array(row[6].is_null() ? "" : row[6].c_str());
    const auto answers = split_lines(row[7].is_null() ? "" : row[7].c_str());
    for (std::size_t i = 0; i < ordinals.size(); ++i) {
        result.events.at(static_cast<std::size_t>(parse_int64(ordinals[i]) - 1)) = {
            to_outcome(outcomes[i]), EventId{parse_int64(ids[i])}, from_micros(parse_int64(times[i])),
            std::string(i < answers.size() ? answers[i] : "")};
    }
    std::int64_t id = result.previous_head.value;
    for (Appended& event : result.events) {
        if (event.outcome == Appended::Outcome::stored)
            event = {Appended::Outcome::stored, EventId{++id}, result.clock, {}};
    }
    return result;
}

}  // namespace

PostgresLogWriter::PostgresLogWriter(ConnectionSettings settings) : settings_(std::move(settings)) {}
PostgresLogWriter::~PostgresLogWriter() = default;

AppendResult PostgresLogWriter::append(const AppendBatch& batch) {
    try {
        if (!connection_) {
            connection_ = std::make_unique<Connection>(settings_);
            connection_->query("select headwater.begin_appends()");
            // Or PostgreSQL plans the insert anew for each batch, since it can count the arrays then.
            connection_->run("set plan_cache_mode = force_generic_plan");
        }
        try {
            return append_once(batch);
        } catch (const MissingPartition&) {
            log::warn("log.partition_missing", {{"batch", batch.number}});
            make_partitions_ahead(*connection_);
            return append_once(batch);
        }
    } catch (const Unavailable&) {
        connection_.reset();
        throw;
    }
}

AppendResult PostgresLogWriter::append_once(const AppendBatch& batch) {
    Columns columns(batch);
    const pqxx::result rows = connection_->query(
        kAppend, batch.process, batch.number, columns.types.take(), columns.type_ids.take(),
        columns.subjects.take(), columns.metas.take(), columns.payloads.take(), columns.base64.take(),
        columns.key_ordinals.take(), columns.keys.take(), columns.fingerprints.take(),
        columns.request_firsts.take(), columns.request_counts.take(), columns.request_keys.take(),
        columns.request_fingerprints.take());
    return to_result(rows.at(0), batch.events.size());
}

}  // namespace headwater::postgres
