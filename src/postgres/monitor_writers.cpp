#include "postgres/monitor_writers.hpp"

#include <string>

#include "core/log.hpp"
#include "postgres/binary_array.hpp"
#include "postgres/connection.hpp"
#include "postgres/partitions.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kBegin = "select headwater.begin_appends()";
constexpr std::string_view kCheckIn =
    "select o_outcomes, o_turned from headwater.check_in($1::bigint[], $2::uuid[], $3::boolean[])";
constexpr std::string_view kLookAgain = "select headwater.look_again($1)";
constexpr std::string_view kTurnLate = "select o_delays, o_wait from headwater.turn_late($1)";

constexpr int kLooksAtOnce = 2'000;
constexpr int kDeathsAtOnce = 250;  // the log's lock is held meanwhile

CheckInOutcome to_outcome(char letter) {
    if (letter == 'o') return CheckInOutcome::recorded;
    return letter == 'k' ? CheckInOutcome::wrong_key : CheckInOutcome::unknown_monitor;
}

}  // namespace

AppendingSession::AppendingSession(ConnectionSettings settings) : settings_(std::move(settings)) {}
AppendingSession::~AppendingSession() = default;

void AppendingSession::run(const std::function<void(Connection&)>& work) {
    try {
        run_once(work);
    } catch (const MissingPartition&) {
        log::warn("log.partition_missing");
        make_partitions_ahead(*connection_);
        run_once(work);
    }
}

void AppendingSession::run_once(const std::function<void(Connection&)>& work) {
    try {
        if (!connection_) {
            auto connection = std::make_unique<Connection>(settings_);
            connection->query(kBegin);
            connection_ = std::move(connection);
        }
        work(*connection_);
    } catch (const Unavailable&) {
        connection_.reset();
        throw;
    }
}

CheckInsRecorded PostgresCheckInWriter::record(std::span<const CheckIn> check_ins) {
    BinaryArray ids(BinaryArray::Element::int8), keys(BinaryArray::Element::uuid),
        fails(BinaryArray::Element::boolean);
    for (const CheckIn& check_in : check_ins) {
        if (check_in.monitor) {
            ids.add(check_in.monitor->value);
        } else {
            ids.add_null();
        }
        keys.add(check_in.key);
        fails.add_boolean(check_in.kind == CheckIn::Kind::fail);
    }
    const auto id_array = ids.take(), key_array = keys.take(), fail_array = fails.take();
    CheckInsRecorded recorded;
    session_.run([&](Connection& connection) {
        const pqxx::result rows = connection.query(kCheckIn, id_array, key_array, fail_array);
        recorded = {};
        for (const char letter : std::string_view(rows.at(0)[0].c_str()))
            recorded.outcomes.push_back(to_outcome(letter));
        recorded.turned = rows[0][1].as<std::size_t>();
    });
    return recorded;
}

LateRound PostgresLateMonitors::turn() {
    LateRound round;
    session_.run([&](Connection& connection) {
        round = {};
        round.has_more = connection.query(kLookAgain, kLooksAtOnce).at(0)[0].as<bool>();
        const pqxx::result rows = connection.query(kTurnLate, kDeathsAtOnce);
        for (const auto delay : split_sql_array(rows.at(0)[0].is_null() ? "" : rows[0][0].c_str()))
            round.delays.push_back(std::stod(std::string(delay)));
        if (!rows[0][1].is_null()) round.next = std::chrono::microseconds(rows[0][1].as<std::int64_t>());
        round.has_more |= round.delays.size() >= kDeathsAtOnce;
    });
    return round;
}

}  // namespace headwater::postgres
