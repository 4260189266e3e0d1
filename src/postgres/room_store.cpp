#include "postgres/room_store.hpp"

#include "core/log.hpp"
#include "postgres/binary_array.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kNamespaces = "select * from headwater.namespace_rows";
constexpr std::string_view kNamespace = "select * from headwater.namespace_rows where name = $1";
constexpr std::string_view kPut = "select headwater.put_namespace($1, $2, case when $4 then $3 end)";
constexpr std::string_view kRemove = "select headwater.remove_namespace($1)";
constexpr std::string_view kRooms =
    "select n.name, s.room from headwater.room_subscriptions s join headwater.namespaces n using "
    "(namespace_id) "
    "where s.user_name = $1";
constexpr std::string_view kLastRevocation =
    "select coalesce((select r.number from headwater.room_revocations r join headwater.namespaces n using "
    "(namespace_id) where r.user_name = $1 and n.name = $2 and r.room = $3), 0)";
constexpr std::string_view kChange =
    "select headwater.change_rooms($1, $2::text[], $3::text[], $4::text[], $5::bigint[], $6)";

std::string text(std::string_view view) {
    return std::string(view);
}

RoomNamespace to_namespace(const pqxx::row& row) {
    RoomNamespace one;
    one.name = row[0].c_str();
    one.acl_url = row[1].c_str();
    if (*row[2].c_str() != '\0') {
        one.tokens = parse_stored_rule(row[2].c_str());
        if (!one.tokens) log::error("namespace.unreadable_rule", {{"namespace", one.name}});
    }
    one.history = row[3].c_str();
    one.version = row[4].as<std::int64_t>();
    one.created_at = from_micros(row[5].as<std::int64_t>());
    one.updated_at = from_micros(row[6].as<std::int64_t>());
    return one;
}

char letter_of(RoomChange::Kind kind) {
    switch (kind) {
        case RoomChange::Kind::subscribe:
            return 's';
        case RoomChange::Kind::unsubscribe:
            return 'u';
        case RoomChange::Kind::revoke:
            return 'r';
    }
    return ' ';
}

RoomChangeOutcome to_outcome(char letter) {
    switch (letter) {
        case 'n':
            return RoomChangeOutcome::unknown_namespace;
        case 'r':
            return RoomChangeOutcome::revoked;
        case 'm':
            return RoomChangeOutcome::too_many;
        default:
            return RoomChangeOutcome::done;
    }
}

}  // namespace

std::vector<RoomNamespace> PostgresRoomStore::namespaces() {
    return pool_.run([&](Connection& connection) {
        std::vector<RoomNamespace> all;
        for (const auto& row : connection.query(kNamespaces)) all.push_back(to_namespace(row));
        return all;
    });
}

std::optional<RoomNamespace> PostgresRoomStore::find_namespace(std::string_view name) {
    return pool_.run([&](Connection& connection) -> std::optional<RoomNamespace> {
        const pqxx::result rows = connection.query(kNamespace, text(name));
        if (rows.empty()) return std::nullopt;
        return to_namespace(rows[0]);
    });
}

bool PostgresRoomStore::put_namespace(std::string_view name, std::string_view acl_url,
                                      const std::optional<std::string>& tokens) {
    return pool_.run([&](Connection& connection) {
        return connection.query(kPut, text(name), text(acl_url), tokens.value_or(""), tokens.has_value())
            .at(0)[0]
            .as<bool>();
    });
}

bool PostgresRoomStore::remove_namespace(std::string_view name) {
    return pool_.run(
        [&](Connection& connection) { return connection.query(kRemove, text(name)).at(0)[0].as<bool>(); });
}

std::vector<RoomName> PostgresRoomStore::rooms_of(std::string_view user) {
    return pool_.run([&](Connection& connection) {
        std::vector<RoomName> rooms;
        for (const auto& row : connection.query(kRooms, text(user)))
            rooms.push_back({row[0].c_str(), row[1].c_str()});
        return rooms;
    });
}

RevocationNumber PostgresRoomStore::last_revocation(std::string_view user, const RoomName& room) {
    return pool_.run([&](Connection& connection) {
        return connection.query(kLastRevocation, text(user), room.space, room.room)
            .at(0)[0]
            .as<RevocationNumber>();
    });
}

std::vector<RoomChangeOutcome> PostgresRoomChangeWriter::record(std::span<const RoomChange> changes) {
    std::string kinds;
    BinaryArray users(BinaryArray::Element::text), spaces(BinaryArray::Element::text),
        rooms(BinaryArray::Element::text), numbers(BinaryArray::Element::int8);
    for (const RoomChange& change : changes) {
        kinds += letter_of(change.kind);
        users.add(std::string_view(change.user));
        spaces.add(std::string_view(change.room.space));
        rooms.add(std::string_view(change.room.room));
        numbers.add(change.permitted_at);
    }
    const auto user_array = users.take(), space_array = spaces.take(), room_array = rooms.take(),
               number_array = numbers.take();
    std::vector<RoomChangeOutcome> outcomes;
    session_.run([&](Connection& connection) {
        const pqxx::result rows = connection.query(kChange, kinds, user_array, space_array, room_array,
                                                   number_array, RoomStore::kMaxRooms);
        outcomes.clear();
        for (const char letter : std::string_view(rows.at(0)[0].c_str()))
            outcomes.push_back(to_outcome(letter));
    });
    return outcomes;
}

}  // namespace headwater::postgres
