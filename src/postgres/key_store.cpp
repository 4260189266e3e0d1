#include "postgres/key_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "postgres/binary_array.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

#define KEY_COLUMNS                                                                                      \
    "key_id, name, shown, rate, created_at, expires_at, last_used_at, revoked_at, encode(hash, 'hex'), " \
    "encode(old_hash, 'hex'), old_until"

constexpr std::string_view kSettings =
    "select version, is_enforced, encode(session_secret, 'hex') from headwater.key_settings";
constexpr std::string_view kGood =
    "select " KEY_COLUMNS " from headwater.keys where revoked_at is null order by key_id";
constexpr std::string_view kAll = "select " KEY_COLUMNS " from headwater.keys order by key_id";
constexpr std::string_view kOne = "select " KEY_COLUMNS " from headwater.keys where key_id = $1";
constexpr std::string_view kGrants =
    "select key_id, scope, types from headwater.key_grants order by key_id, scope";
constexpr std::string_view kChanged = "select headwater.keys_changed()";
constexpr std::string_view kEnforce = "select headwater.keys_changed(true)";
constexpr std::string_view kDisable = "select headwater.keys_changed(false)";
constexpr std::string_view kInsert =
    "insert into headwater.keys (name, shown, hash, rate, expires_at) "
    "values ($1, $2, decode($3, 'hex'), $4, $5::timestamptz) "
    "on conflict (name) where revoked_at is null do nothing returning key_id";
constexpr std::string_view kInsertGrant =
    "insert into headwater.key_grants (key_id, scope, types) values ($1, $2, $3)";
// A name goes before an id, should a name be a number.
constexpr std::string_view kFind =
    "select key_id from headwater.keys where revoked_at is null and (name = $1 or key_id::text = $1) "
    "order by name = $1 desc limit 1";
constexpr std::string_view kRevoke =
    "update headwater.keys set revoked_at = clock_timestamp() where key_id = $1";
constexpr std::string_view kRotate =
    "update headwater.keys set old_hash = case when $4::bigint > 0 then hash end, "
    "old_until = case when $4::bigint > 0 then clock_timestamp() + make_interval(secs => $4::bigint) end, "
    "hash = decode($2, 'hex'), shown = $3 where key_id = $1";
constexpr std::string_view kSaveUses =
    "update headwater.keys k set last_used_at = greatest(k.last_used_at, to_timestamp(u.second)) "
    "from unnest($1::bigint[], $2::bigint[]) as u(key_id, second) where k.key_id = u.key_id";

std::string to_hex(const Sha256& hash) {
    return fmt::format("{:02x}", fmt::join(hash, ""));
}

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

Sha256 to_hash(std::string_view hex) {
    Sha256 hash{};
    const std::string bytes = from_hex(hex);
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

std::optional<Timestamp> time_of(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return parse_sql_time(field.c_str());
}

StoredKey to_stored_key(const pqxx::row& row) {
    StoredKey stored;
    ApiKey& key = stored.key;
    key.id = KeyId{row[0].as<std::int64_t>()};
    key.definition.name = row[1].c_str();
    key.shown = row[2].c_str();
    if (!row[3].is_null()) key.definition.rate = parse_request_rate(row[3].c_str());
    key.created_at = parse_sql_time(row[4].c_str());
    key.definition.expires_at = time_of(row[5]);
    key.last_used_at = time_of(row[6]);
    key.revoked_at = time_of(row[7]);
    stored.hash = to_hash(row[8].c_str());
    if (!row[9].is_null()) stored.old_hash = to_hash(row[9].c_str());
    stored.old_until = time_of(row[10]);
    return stored;
}

/// A filter that cannot be read opens nothing.
void add_grants(std::vector<StoredKey>& keys, const pqxx::result& rows) {
    for (const auto& row : rows) {
        const KeyId id{row[0].as<std::int64_t>()};
        const auto key = std::ranges::find(keys, id, [](const StoredKey& stored) { return stored.key.id; });
        const auto scope = parse_scope(row[1].c_str());
        if (key == keys.end() || !scope) continue;
        KeyGrant grant{*scope};
        if (!row[2].is_null()) grant.types = TypeFilter::parse(row[2].c_str()).value_or(TypeFilter::none());
        key->key.definition.grants.push_back(std::move(grant));
    }
}

template <class Session, class... Args>
std::vector<StoredKey> read_keys(Session& session, std::string_view sql, Args&&... args) {
    std::vector<StoredKey> keys;
    for (const auto& row : session.query(sql, std::forward<Args>(args)...))
        keys.push_back(to_stored_key(row));
    add_grants(keys, session.query(kGrants));
    return keys;
}

std::optional<std::int64_t> find_key(Transaction& transaction, std::string_view key) {
    if (key.find('\0') != std::string_view::npos) return std::nullopt;
    const pqxx::result rows = transaction.query(kFind, std::string(key));
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<std::int64_t>();
}

/// Changes one key that is not revoked, and tells everybody.
template <class Change>
std::optional<ApiKey> change_key(ConnectionPool& pool, std::string_view key, Change change) {
    return pool.run([&](Connection& connection) -> std::optional<ApiKey> {
        Transaction transaction(connection);
        transaction.query(kChanged);
        const auto id = find_key(transaction, key);
        if (!id) return std::nullopt;
        change(transaction, *id);
        ApiKey changed = read_keys(transaction, kOne, *id).at(0).key;
        transaction.commit();
        return changed;
    });
}

const char* text_or_null(const std::optional<std::string>& text) {
    return text ? text->c_str() : nullptr;
}

}  // namespace

std::optional<KeySet> PostgresKeyStore::load(std::optional<std::int64_t> known) {
    return pool_.run([&](Connection& connection) -> std::optional<KeySet> {
        // The version first: what changes meanwhile has a later one, and is loaded next time.
        const pqxx::row settings = connection.query(kSettings).at(0);
        KeySet set;
        set.version = settings[0].as<std::int64_t>();
        if (known == set.version) return std::nullopt;
        set.is_enforced = settings[1].as<bool>();
        set.session_secret = from_hex(settings[2].c_str());
        set.keys = read_keys(connection, kGood);
        return set;
    });
}

void PostgresKeyStore::save_uses(std::span<const KeyUse> uses) {
    BinaryArray keys(BinaryArray::Element::int8), seconds(BinaryArray::Element::int8);
    for (const KeyUse& use : uses) {
        keys.add(use.key.value);
        seconds.add(std::int64_t{use.at.time_since_epoch().count()});
    }
    const auto key_array = keys.take();
    const auto second_array = seconds.take();
    pool_.run([&](Connection& connection) { connection.query(kSaveUses, key_array, second_array); });
}

std::expected<ApiKey, std::string> PostgresKeyStore::create(const KeyDefinition& definition,
                                                            const NewSecret& secret) {
    const auto rate =
        definition.rate ? std::optional(to_string(*definition.rate)) : std::optional<std::string>();
    const auto expiry =
        definition.expires_at ? std::optional(to_sql(*definition.expires_at)) : std::optional<std::string>();
    return pool_.run([&](Connection& connection) -> std::expected<ApiKey, std::string> {
        Transaction transaction(connection);
        transaction.query(kEnforce);
        const pqxx::result made =
            transaction.query(kInsert, definition.name, secret.shown, to_hex(secret.hash), text_or_null(rate),
                              text_or_null(expiry));
        if (made.empty()) return std::unexpected("There is a key named '" + definition.name + "' already.");
        const auto id = made[0][0].as<std::int64_t>();
        for (const auto& [scope, types] : definition.grants) {
            const auto filter = types ? std::optional(types->to_text()) : std::optional<std::string>();
            transaction.query(kInsertGrant, id, std::string(to_string(scope)), text_or_null(filter));
        }
        ApiKey key = read_keys(transaction, kOne, id).at(0).key;
        transaction.commit();
        return key;
    });
}

std::vector<ApiKey> PostgresKeyStore::list() {
    return pool_.run([&](Connection& connection) {
        std::vector<ApiKey> keys;
        for (StoredKey& stored : read_keys(connection, kAll)) keys.push_back(std::move(stored.key));
        return keys;
    });
}

std::optional<ApiKey> PostgresKeyStore::revoke(std::string_view key) {
    return change_key(pool_, key,
                      [](Transaction& transaction, std::int64_t id) { transaction.query(kRevoke, id); });
}

std::optional<ApiKey> PostgresKeyStore::rotate(std::string_view key, const NewSecret& secret,
                                               std::chrono::seconds grace) {
    return change_key(pool_, key, [&](Transaction& transaction, std::int64_t id) {
        transaction.query(kRotate, id, to_hex(secret.hash), secret.shown, std::int64_t{grace.count()});
    });
}

void PostgresKeyStore::disable() {
    pool_.run([](Connection& connection) { connection.query(kDisable); });
}

bool PostgresKeyStore::is_enforced() {
    return pool_.run([](Connection& connection) { return connection.query(kSettings).at(0)[1].as<bool>(); });
}

}  // namespace headwater::postgres
