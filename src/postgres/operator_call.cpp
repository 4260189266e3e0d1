#include "postgres/operator_call.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kLockStream =
    "select stream_order, cursor_id from headwater.streams where stream_id = $1 for no key update";
constexpr std::string_view kTell = "select pg_notify('headwater_streams', $1::bigint::text)";

}  // namespace

OperatorCall::OperatorCall(Connection& connection, StreamId stream)
    : transaction_(connection), stream_(stream) {
    const pqxx::result rows = transaction_.query(kLockStream, stream.value);
    if (rows.empty()) return;
    order_ = parse_stream_order(rows[0][0].c_str()).value_or(StreamOrder::loose);
    position_ = Position{rows[0][1].as<std::int64_t>()};
}

void OperatorCall::commit() {
    transaction_.query(kTell, stream_.value);
    transaction_.commit();
}

}  // namespace headwater::postgres
