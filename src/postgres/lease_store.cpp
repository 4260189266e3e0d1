#include "postgres/lease_store.hpp"

#include "postgres/binary_array.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kRenew =
    "select o_number, o_is_lost, o_surplus, o_has_claimed from headwater.renew_lease($1, $2, $3)";
constexpr std::string_view kClaimed =
    "select s.stream_id, s.epoch, s.cursor_id, s.cursor_at, s.state, s.skip_id is not null "
    "or exists (select from headwater.failing_events f where f.stream_id = s.stream_id and f.state <> "
    "'dead') "
    "or exists (select from headwater.replays r where r.stream_id = s.stream_id and r.state = 'running') "
    "from headwater.streams s where s.owner = $1 and s.claimed_in > $2 order by s.stream_id";
constexpr std::string_view kRelease =
    "update headwater.streams s set owner = null from unnest($2::bigint[], $3::bigint[]) as g(stream_id, "
    "epoch) where s.stream_id = g.stream_id and s.epoch = g.epoch and s.owner = $1";
constexpr std::string_view kTell = "select pg_notify('headwater_leases', $1::bigint::text)";
constexpr std::string_view kLeave =
    "select headwater.end_leases(array[$1::bigint]), pg_notify('headwater_leases', $1::bigint::text)";
constexpr std::string_view kEndAll =
    "select headwater.end_leases(array(select process from headwater.leases))";
std::vector<ClaimedStream> to_claimed(const pqxx::result& rows) {
    std::vector<ClaimedStream> claimed;
    claimed.reserve(rows.size());
    for (const auto& row : rows) {
        ClaimedStream stream;
        stream.id = StreamId{row[0].as<std::int64_t>()};
        stream.epoch = row[1].as<std::int64_t>();
        stream.cursor = {Position{row[2].as<std::int64_t>()}, parse_sql_time(row[3].c_str())};
        stream.state = parse_stream_state(row[4].c_str()).value_or(StreamState::running);
        stream.has_work = row[5].as<bool>();
        claimed.push_back(stream);
    }
    return claimed;
}

}  // namespace

std::int64_t PostgresLeaseStore::answered(std::int64_t process) {
    const std::lock_guard lock(mutex_);
    return answered_[process];
}

LeaseRenewal PostgresLeaseStore::renew(std::int64_t process, const std::string& label) {
    const std::int64_t last = answered(process);
    return pool_.run([&](Connection& connection) {
        const pqxx::result renewed = connection.query(kRenew, process, to_storable(label, 200), last);
        LeaseRenewal renewal;
        renewal.is_lost = renewed.at(0)[1].as<bool>();
        renewal.surplus = renewed[0][2].as<std::size_t>();
        if (renewed[0][3].as<bool>()) renewal.claimed = to_claimed(connection.query(kClaimed, process, last));
        const std::lock_guard lock(mutex_);
        answered_[process] = renewed[0][0].as<std::int64_t>();
        return renewal;
    });
}

void PostgresLeaseStore::release(std::int64_t process, std::span<const StreamProgress> streams) {
    BinaryArray ids(BinaryArray::Element::int8), epochs(BinaryArray::Element::int8);
    for (const StreamProgress& stream : streams) {
        ids.add(stream.stream.value);
        epochs.add(stream.epoch);
    }
    const pqxx::binarystring id_array = ids.take();
    const pqxx::binarystring epoch_array = epochs.take();
    pool_.run([&](Connection& connection) {
        Transaction transaction(connection);
        save_progress(transaction, numbers_.next(), streams);
        transaction.query(kRelease, process, id_array, epoch_array);
        transaction.query(kTell, process);
        transaction.commit();
    });
}

void PostgresLeaseStore::leave(std::int64_t process) {
    pool_.run([&](Connection& connection) { connection.query(kLeave, process); });
    const std::lock_guard lock(mutex_);
    answered_.erase(process);
}

void PostgresLeaseStore::end_all() {
    pool_.run([&](Connection& connection) { connection.query(kEndAll); });
}

}  // namespace headwater::postgres
