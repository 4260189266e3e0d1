#include "postgres/event_rows.hpp"

#include <pqxx/pqxx>

#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

std::string_view view(const pqxx::field& field) {
    return {field.c_str(), field.size()};
}

}  // namespace

EventPtr to_event(const pqxx::row& row, const TypeCatalog::Names& names) {
    EventRecord record;
    record.id = EventId{parse_int64(view(row[0]))};
    record.created_at = parse_sql_time(view(row[1]));
    record.expires_at = parse_sql_time(view(row[2]));
    record.type_id = TypeId{parse_int64(view(row[3]))};
    record.type = names.at(record.type_id.value);
    record.is_ephemeral = view(row[4]) == "0";
    record.payload_is_base64 = view(row[5]) == "t";
    if (!row[6].is_null()) record.subject = view(row[6]);
    record.meta = view(row[7]);
    record.payload = view(row[8]);
    return make_event(record);
}

}  // namespace headwater::postgres
