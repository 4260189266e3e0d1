#include "postgres/delivery_progress.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

#include "postgres/binary_array.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kSave =
    "select unnest(headwater.save_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
    "$15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30))";
constexpr std::string_view kSaveExpired =
    "select headwater.save_expired($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr std::string_view kSaveFailingProgress = "select headwater.save_failing_progress($1, $2, $3)";
constexpr std::size_t kMaxErrorBytes = 2'000;
constexpr std::size_t kMaxProgressBytes = 20'000;

using Element = BinaryArray::Element;

struct StreamColumns {
    BinaryArray ids{Element::int8}, epochs{Element::int8}, cursor_ids{Element::int8};
    BinaryArray cursor_times{Element::timestamptz}, states{Element::text}, since{Element::timestamptz};
    BinaryArray errors{Element::text};

    void add(const StreamProgress& progress) {
        ids.add(progress.stream.value);
        epochs.add(progress.epoch);
        cursor_ids.add(progress.cursor.position.value);
        cursor_times.add(progress.cursor.at);
        if (!progress.standing) {
            for (BinaryArray* column : {&states, &since, &errors}) column->add_null();
            return;
        }
        states.add(to_string(progress.standing->state));
        since.add(progress.standing->since);
        errors.add(std::string_view(to_storable(progress.standing->last_error, kMaxErrorBytes)));
    }
};

struct FailingColumns {
    BinaryArray streams{Element::int8}, events{Element::int8}, times{Element::timestamptz};
    BinaryArray expiry_times{Element::timestamptz}, subjects{Element::text}, states{Element::text};
    BinaryArray attempts{Element::int8}, next_attempts{Element::timestamptz}, errors{Element::text};
    BinaryArray statuses{Element::int8}, deaths{Element::timestamptz}, replays{Element::int8};

    void add(StreamId stream, const FailingEvent& event) {
        streams.add(stream.value);
        events.add(event.id.value);
        times.add(event.at);
        expiry_times.add(event.expires_at);
        event.subject ? subjects.add(std::string_view(*event.subject)) : subjects.add_null();
        states.add(to_string(event.state));
        attempts.add(std::int64_t{event.attempts});
        next_attempts.add(event.next_attempt);
        errors.add(std::string_view(to_storable(event.last_error, kMaxErrorBytes)));
        statuses.add(std::int64_t{event.last_status});
        event.died_at ? deaths.add(*event.died_at) : deaths.add_null();
        replays.add(event.replay.value);
    }
};

struct ReplayColumns {
    BinaryArray streams{Element::int8}, replays{Element::int8}, cursor_ids{Element::int8};
    BinaryArray cursor_times{Element::timestamptz}, delivered{Element::int8}, failed{Element::int8};
    BinaryArray skipped{Element::int8}, done{Element::boolean};

    void add(StreamId stream, const ReplayProgress& progress) {
        streams.add(stream.value);
        replays.add(progress.id.value);
        cursor_ids.add(progress.cursor.position.value);
        cursor_times.add(progress.cursor.at);
        delivered.add(progress.delivered);
        failed.add(progress.failed);
        skipped.add(progress.skipped);
        done.add_boolean(progress.is_done);
    }
};

/// The parameters of headwater.save_deliveries(), group by group.
struct Columns {
    StreamColumns streams;
    BinaryArray settled_streams{Element::int8}, settled_events{Element::int8};
    FailingColumns failing;
    ReplayColumns replays;

    explicit Columns(std::span<const StreamProgress> all) {
        for (const StreamProgress& progress : all) {
            streams.add(progress);
            for (const EventId event : progress.settled) {
                settled_streams.add(progress.stream.value);
                settled_events.add(event.value);
            }
            // A statement must not touch a row twice: what was said last about an event counts.
            std::map<EventId, const FailingEvent*> latest;
            for (const FailingEvent& event : progress.failing) latest[event.id] = &event;
            for (const auto& [id, event] : latest) failing.add(progress.stream, *event);
            for (const ReplayProgress& replay : progress.replays) replays.add(progress.stream, replay);
        }
    }
};

template <class Session>
std::vector<StreamId> save(Session& session, std::int64_t number, std::span<const StreamProgress> progress) {
    if (progress.empty()) return {};
    Columns columns(progress);
    auto& [streams, settled_streams, settled_events, failing, replays] = columns;
    const pqxx::result rows = session.query(
        kSave, number, streams.ids.take(), streams.epochs.take(), streams.cursor_ids.take(),
        streams.cursor_times.take(), streams.states.take(), streams.since.take(), streams.errors.take(),
        settled_streams.take(), settled_events.take(), failing.streams.take(), failing.events.take(),
        failing.times.take(), failing.expiry_times.take(), failing.subjects.take(), failing.states.take(),
        failing.attempts.take(), failing.next_attempts.take(), failing.errors.take(), failing.statuses.take(),
        failing.deaths.take(), failing.replays.take(), replays.streams.take(), replays.replays.take(),
        replays.cursor_ids.take(), replays.cursor_times.take(), replays.delivered.take(),
        replays.failed.take(), replays.skipped.take(), replays.done.take());
    std::vector<StreamId> refused;
    for (const auto& row : rows) refused.push_back(StreamId{row[0].as<std::int64_t>()});
    return refused;
}

bool has_failing_progress(std::span<const StreamProgress> progress) {
    return std::ranges::any_of(progress, [](const StreamProgress& one) {
        return std::ranges::any_of(one.failing,
                                   [](const FailingEvent& row) { return !row.progress.empty(); });
    });
}

void save_failing_progress(Transaction& transaction, std::span<const StreamProgress> progress,
                           std::span<const StreamId> refused) {
    BinaryArray streams(Element::int8), events(Element::int8), texts(Element::text);
    for (const StreamProgress& one : progress) {
        if (std::ranges::find(refused, one.stream) != refused.end()) continue;
        std::map<EventId, const FailingEvent*> latest;
        for (const FailingEvent& row : one.failing) latest[row.id] = &row;
        for (const auto& [id, row] : latest) {
            if (row->progress.empty()) continue;
            streams.add(one.stream.value);
            events.add(id.value);
            texts.add(std::string_view(to_storable(row->progress, kMaxProgressBytes)));
        }
    }
    transaction.query(kSaveFailingProgress, streams.take(), events.take(), texts.take());
}

bool has_losses(std::span<const StreamProgress> progress) {
    return std::ranges::any_of(progress, [](const StreamProgress& one) {
        return !one.expired.empty() || !one.expired_rows.empty();
    });
}

void save_losses(Transaction& transaction, std::int64_t number, std::span<const StreamProgress> progress) {
    BinaryArray streams(Element::int8), epochs(Element::int8);
    BinaryArray run_streams(Element::int8), classes(Element::int8), partitions(Element::timestamptz);
    BinaryArray lasts(Element::int8), counts(Element::int8);
    BinaryArray row_streams(Element::int8), row_events(Element::int8);
    for (const StreamProgress& one : progress) {
        streams.add(one.stream.value);
        epochs.add(one.epoch);
        for (const ExpiredRun& run : one.expired) {
            run_streams.add(one.stream.value);
            classes.add(std::int64_t{run.retention_class});
            partitions.add(run.partition);
            lasts.add(run.last.value);
            counts.add(run.count);
        }
        for (const EventId event : one.expired_rows) {
            row_streams.add(one.stream.value);
            row_events.add(event.value);
        }
    }
    transaction.query(kSaveExpired, number, streams.take(), epochs.take(), run_streams.take(), classes.take(),
                      partitions.take(), lasts.take(), counts.take(), row_streams.take(), row_events.take());
}

}  // namespace

std::int64_t SaveNumbers::next() {
    using namespace std::chrono;
    const std::int64_t now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
    std::int64_t before = last_.load();
    while (!last_.compare_exchange_weak(before, std::max(before + 1, now))) {
    }
    return std::max(before + 1, now);
}

std::vector<StreamId> save_progress(Connection& connection, std::int64_t number,
                                    std::span<const StreamProgress> progress) {
    if (!has_losses(progress) && !has_failing_progress(progress)) return save(connection, number, progress);
    Transaction transaction(connection);
    std::vector<StreamId> refused = save_progress(transaction, number, progress);
    transaction.commit();
    return refused;
}

std::vector<StreamId> save_progress(Transaction& transaction, std::int64_t number,
                                    std::span<const StreamProgress> progress) {
    if (has_losses(progress)) save_losses(transaction, number, progress);
    std::vector<StreamId> refused = save(transaction, number, progress);
    if (has_failing_progress(progress)) save_failing_progress(transaction, progress, refused);
    return refused;
}

}  // namespace headwater::postgres
