#include "postgres/retention_keeper.hpp"

#include <memory>

#include "core/log.hpp"
#include "core/work_pool.hpp"
#include "postgres/connection.hpp"
#include "postgres/partitions.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kTryLock = "select pg_try_advisory_lock(7450489205)";
constexpr std::string_view kUnlock = "select pg_advisory_unlock(7450489205)";
constexpr std::string_view kForgetEphemeral =
    "delete from headwater.ephemeral_events where created_at < clock_timestamp() - interval '60 seconds'";
// brin on clock keeps this cheap while thousands of younger rows stand in the table.
constexpr std::string_view kForgetBatches =
    "delete from headwater.append_batches where clock < clock_timestamp() - interval '10 minutes'";

// A failing event leaves with its event. A row that its stream's owner is just writing is left to the next
// round.
constexpr std::string_view kForgetFailing =
    "with gone as materialized (select stream_id, event_id from headwater.failing_events "
    "where expires_at < clock_timestamp() order by expires_at limit $1 for update skip locked) "
    "delete from headwater.failing_events f using gone "
    "where f.stream_id = gone.stream_id and f.event_id = gone.event_id";
constexpr std::string_view kForgetReplays =
    "with gone as materialized (select replay_id from headwater.replays "
    "where finished_at < clock_timestamp() - interval '30 days' limit $1 for update skip locked) "
    "delete from headwater.replays r using gone where r.replay_id = gone.replay_id";
constexpr std::int64_t kRowsAtOnce = 1'000;
constexpr int kBatchesOfARound = 20;

/// Deletes in small batches, so that no lock is held for long.
void forget(Connection& connection, std::string_view sql) {
    for (int i = 0; i < kBatchesOfARound; ++i) {
        if (connection.query(sql, kRowsAtOnce).affected_rows() < kRowsAtOnce) return;
    }
}

// Below the oldest event that there still is.
constexpr std::string_view kForgetAcknowledgements =
    "delete from headwater.ack_bitmaps where block < (coalesce("
    "(select e.id from headwater.events e order by e.created_at, e.id limit 1), "
    "(select last_value + 1 from headwater.log_head)) >> 12)";

void keep(Connection& connection) {
    make_partitions_ahead(connection);
    connection.query(kForgetEphemeral);
    connection.query(kForgetBatches);
    forget(connection, kForgetFailing);
    forget(connection, kForgetReplays);
    if (const std::size_t dropped = drop_expired_partitions(connection); dropped > 0) {
        connection.query(kForgetAcknowledgements);
        log::debug("retention.dropped", {{"partitions", dropped}});
    }
}

}  // namespace

RetentionKeeper::RetentionKeeper(ConnectionSettings settings, std::chrono::milliseconds interval)
    : settings_(std::move(settings)), interval_(interval) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
        name_this_thread("retention");
        run(stop);
    });
}

RetentionKeeper::~RetentionKeeper() {
    stop();
}

void RetentionKeeper::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

bool RetentionKeeper::keep_once(Connection& connection) {
    if (!connection.query(kTryLock).at(0)[0].as<bool>()) return false;
    try {
        keep(connection);
    } catch (...) {
        if (connection.is_open()) connection.query(kUnlock);
        throw;
    }
    connection.query(kUnlock);
    return true;
}

void RetentionKeeper::run(const std::stop_token& stop) {
    std::unique_ptr<Connection> connection;
    while (!stop.stop_requested()) {
        try {
            if (!connection) connection = std::make_unique<Connection>(settings_);
            keep_once(*connection);
        } catch (const std::runtime_error& error) {
            log::warn("retention.failed", {{"error", error.what()}});
            connection.reset();
        }
        std::unique_lock lock(mutex_);
        stopped_.wait_for(lock, stop, interval_, [] { return false; });
    }
}

}  // namespace headwater::postgres
