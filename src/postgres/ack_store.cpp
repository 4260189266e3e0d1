#include "postgres/ack_store.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "postgres/binary_array.hpp"

namespace headwater::postgres {
namespace {

// Rows are always taken in the same order, so that two nodes cannot deadlock.
constexpr std::string_view kAddClients =
    "insert into headwater.clients (name) select name from unnest($1::text[]) as n(name) order by name on "
    "conflict do nothing";
constexpr std::string_view kSetBits =
    "insert into headwater.ack_bitmaps as b (client_id, block, bits) "
    "select c.client_id, g.block, g.bits from unnest($1::text[], $2::bigint[], $3::bit(4096)[]) as g(client, "
    "block, bits) "
    "join headwater.clients c on c.name = g.client order by c.client_id, g.block "
    "on conflict (client_id, block) do update set bits = b.bits | excluded.bits "
    "where b.bits | excluded.bits <> b.bits";
constexpr std::string_view kRaiseWatermarks =
    "insert into headwater.ack_watermarks as w (client_id, type_id, through) "
    "select c.client_id, g.type_id, g.through from unnest($1::text[], $2::bigint[], $3::bigint[]) "
    "as g(client, type_id, through) join headwater.clients c on c.name = g.client order by c.client_id, "
    "g.type_id "
    "on conflict (client_id, type_id) do update set through = excluded.through where w.through < "
    "excluded.through";
constexpr std::string_view kForget = "delete from headwater.clients where name = $1";

constexpr std::int64_t kBlockShift = 12;
constexpr std::int64_t kBlockMask = (1 << kBlockShift) - 1;
constexpr std::int64_t kEveryType = 0;

using Bits = std::array<unsigned char, (1 << kBlockShift) / 8>;
using Element = BinaryArray::Element;

/// All changes of one call, each row of the tables at most once.
struct Changes {
    std::map<std::pair<std::string, std::int64_t>, Bits> bits;                // by client and block
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> watermarks;  // by client and type

    void add(const Acknowledgement& acknowledgement, const TypeCatalog::Names& names);
    [[nodiscard]] std::vector<std::string> clients() const;
};

void Changes::add(const Acknowledgement& acknowledgement, const TypeCatalog::Names& names) {
    for (const EventId id : acknowledgement.ids) {
        const auto bit = static_cast<std::size_t>(id.value & kBlockMask);
        Bits& block = bits[{acknowledgement.client, id.value >> kBlockShift}];
        block[bit / 8] |= static_cast<unsigned char>(0x80U >> (bit % 8));
    }
    if (!acknowledgement.through) return;
    const auto raise = [&](std::int64_t type) {
        std::int64_t& through = watermarks[{acknowledgement.client, type}];
        through = std::max(through, acknowledgement.through->value);
    };
    if (acknowledgement.all_types) {
        raise(kEveryType);
        return;
    }
    for (const auto& [id, name] : names) {
        if (acknowledgement.types.matches(name)) raise(id);
    }
}

std::vector<std::string> Changes::clients() const {
    std::vector<std::string> names;
    for (const auto& [key, value] : bits) names.push_back(key.first);
    for (const auto& [key, value] : watermarks) names.push_back(key.first);
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    return names;
}

void store(Transaction& transaction, const Changes& changes) {
    BinaryArray names(Element::text);
    for (const std::string& name : changes.clients()) names.add(std::string_view(name));
    transaction.query(kAddClients, names.take());

    BinaryArray bit_clients(Element::text), blocks(Element::int8), bits(Element::bit);
    for (const auto& [key, block] : changes.bits) {
        bit_clients.add(std::string_view(key.first));
        blocks.add(key.second);
        bits.add_bits(block);
    }
    if (!changes.bits.empty()) transaction.query(kSetBits, bit_clients.take(), blocks.take(), bits.take());

    BinaryArray mark_clients(Element::text), types(Element::int8), through(Element::int8);
    for (const auto& [key, position] : changes.watermarks) {
        mark_clients.add(std::string_view(key.first));
        types.add(key.second);
        through.add(position);
    }
    if (!changes.watermarks.empty()) {
        transaction.query(kRaiseWatermarks, mark_clients.take(), types.take(), through.take());
    }
}

}  // namespace

void PostgresAckStore::apply(std::span<const Acknowledgement* const> acknowledgements) {
    pool_.run([&](Connection& connection) {
        const TypeCatalog::ViewPtr catalog = types_.current(connection);
        Changes changes;
        for (const Acknowledgement* acknowledgement : acknowledgements)
            changes.add(*acknowledgement, catalog->names);
        if (changes.bits.empty() && changes.watermarks.empty()) return;
        Transaction transaction(connection);
        store(transaction, changes);
        transaction.commit();
    });
}

bool PostgresAckStore::forget(std::string_view client) {
    if (client.find('\0') != std::string_view::npos) return false;
    return pool_.run([&](Connection& connection) {
        return connection.query(kForget, std::string(client)).affected_rows() > 0;
    });
}

}  // namespace headwater::postgres
