#include "postgres/retention_keeper.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

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

// A failing event leaves with its event. What its stream's owner is just saving is left to the next round.
constexpr std::string_view kForgetFailing = "select headwater.forget_failing($1)";
constexpr std::string_view kForgetReplays =
    "with gone as materialized (select replay_id from headwater.replays "
    "where finished_at < clock_timestamp() - interval '30 days' limit $1 for update skip locked) "
    "delete from headwater.replays r using gone where r.replay_id = gone.replay_id";
constexpr std::int64_t kRowsAtOnce = 1'000;
constexpr int kBatchesOfARound = 20;

/// In small batches, so that no lock is held for long. `forget` tells how many rows went.
template <class Forget>
void forget_in_batches(Forget forget) {
    for (int i = 0; i < kBatchesOfARound; ++i) {
        if (forget() < kRowsAtOnce) return;
    }
}

void forget_failing(Connection& connection) {
    forget_in_batches(
        [&] { return connection.query(kForgetFailing, kRowsAtOnce).at(0)[0].as<std::int64_t>(); });
}

void forget_replays(Connection& connection) {
    forget_in_batches([&] {
        return static_cast<std::int64_t>(connection.query(kForgetReplays, kRowsAtOnce).affected_rows());
    });
}

// Below the oldest event that there still is.
constexpr std::string_view kForgetAcknowledgements =
    "delete from headwater.ack_bitmaps where block < (coalesce("
    "(select e.id from headwater.events e order by e.created_at, e.id limit 1), "
    "(select last_value + 1 from headwater.log_head)) >> 12)";

// As the other metrics name streams.
constexpr std::string_view kLosses =
    "select coalesce(t.name || '/', '') || s.name, s.expired from headwater.streams s "
    "left join headwater.event_types t on t.type_id = s.owner_type_id where s.expired > 0 order by 1";

using std::chrono::steady_clock;

// The unlinking of a large partition's files takes a core and the disk for a while, which senders feel: over
// all it takes at most a hundredth of the time. Even so eight partitions go a minute, more than all classes
// together need.
constexpr steady_clock::duration kDropsAtOnce = std::chrono::milliseconds{20};
constexpr int kPauseForDrops = 100;
constexpr steady_clock::duration kLongestPause = std::chrono::seconds{8};

DroppedPartitions keep(Connection& connection, steady_clock::duration drop_budget) {
    make_partitions_ahead(connection);
    connection.query(kForgetEphemeral);
    connection.query(kForgetBatches);
    forget_failing(connection);
    forget_replays(connection);
    if (drop_budget == steady_clock::duration::zero()) return {};
    const DroppedPartitions dropped = drop_expired_partitions(connection, drop_budget);
    if (dropped.count > 0) log::debug("retention.dropped", {{"partitions", dropped.count}});
    if (dropped.count > 0 && dropped.is_all) connection.query(kForgetAcknowledgements);
    return dropped;
}

/// Nothing when another node is at it.
std::optional<DroppedPartitions> keep_alone(Connection& connection, steady_clock::duration drop_budget) {
    if (!connection.query(kTryLock).at(0)[0].as<bool>()) return std::nullopt;
    try {
        const DroppedPartitions dropped = keep(connection, drop_budget);
        connection.query(kUnlock);
        return dropped;
    } catch (...) {
        if (connection.is_open()) connection.query(kUnlock);
        throw;
    }
}

}  // namespace

RetentionKeeper::RetentionKeeper(ConnectionSettings settings, LossReport report,
                                 std::chrono::milliseconds interval)
    : settings_(std::move(settings)), report_(std::move(report)), interval_(interval) {
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
    return keep_alone(connection, steady_clock::duration::max()).has_value();
}

void RetentionKeeper::keep_at_pace(Connection& connection) {
    const bool may_drop = steady_clock::now() >= next_drop_;
    const auto dropped = keep_alone(connection, may_drop ? kDropsAtOnce : steady_clock::duration::zero());
    if (dropped && dropped->count > 0)
        next_drop_ = steady_clock::now() + std::min(dropped->spent * kPauseForDrops, kLongestPause);
}

void RetentionKeeper::tell_losses(Connection& connection) {
    std::map<std::string, std::int64_t> losses;
    for (const auto& row : connection.query(kLosses))
        losses.emplace(row[0].c_str(), row[1].as<std::int64_t>());
    report_(losses);
}

void RetentionKeeper::run(const std::stop_token& stop) {
    std::unique_ptr<Connection> connection;
    while (!stop.stop_requested()) {
        try {
            if (!connection) connection = std::make_unique<Connection>(settings_);
            keep_at_pace(*connection);
            tell_losses(*connection);
        } catch (const std::runtime_error& error) {
            log::warn("retention.failed", {{"error", error.what()}});
            connection.reset();
        }
        std::unique_lock lock(mutex_);
        stopped_.wait_for(lock, stop, interval_, [] { return false; });
    }
}

}  // namespace headwater::postgres
