#include "core/runner_host.hpp"

#include <utility>

#include "core/log.hpp"

namespace headwater {
namespace {

LogPage read_page(LogReader& reader, const Stream& stream, LogRead what) {
    if (stream.owner_type.empty()) {
        what.types = &stream.definition.types;
    } else {
        what.type = stream.owner_type;
    }
    return reader.read(what);
}

}  // namespace

RunnerHost::RunnerHost(const RunnerServices& services, const LeaseBook& leases, AttemptLog& attempts,
                       std::shared_ptr<DispatcherInbox> inbox)
    : services_(services), leases_(leases), attempts_(attempts), inbox_(std::move(inbox)) {}

std::unique_ptr<Sink> RunnerHost::open(const Stream& stream) {
    const SinkType* type = find_sink_type(services_.sinks, stream.definition.source);
    return type == nullptr ? nullptr : type->open(stream.id, stream.definition.destination);
}

void RunnerHost::close(std::unique_ptr<Sink> sink) {
    // A pool that is full or stopping gives the work back, and the sink ends here.
    (void)services_.pool.submit([sink = std::move(sink)]() mutable { sink.reset(); });
}

std::move_only_function<void(DeliveryResult)> RunnerHost::settle_for(const RunnerKey& runner, Lane lane,
                                                                     EventId event) {
    return [inbox = inbox_, runner, lane, event](DeliveryResult result) {
        inbox->post(DispatcherInbox::Settlement{runner, lane, event, std::move(result)});
    };
}

/// `function` gives the content on the pool; what it throws is an answer without content.
template <class Content, class Function>
void RunnerHost::queue_read(const RunnerKey& runner, Function function) {
    auto run = [inbox = inbox_, runner, function = std::move(function)]() mutable {
        DispatcherInbox::Answer<Content> answer{runner, std::nullopt};
        try {
            answer.content = function();
        } catch (const std::exception& error) {
            log::warn("stream.unread", {{"stream", runner.stream.value}, {"error", error.what()}});
        }
        inbox->post(std::move(answer));
    };
    auto give_up = [inbox = inbox_, runner] {
        inbox->post(DispatcherInbox::Answer<Content>{runner, std::nullopt});
    };
    reads_.push_back({std::move(run), std::move(give_up)});
    begin_reads();
}

void RunnerHost::read(const RunnerKey& runner, std::shared_ptr<const Stream> stream, LogRead what) {
    // What a stream has lost is counted; what a replay finds gone is not.
    if (runner.replay == ReplayId{}) what.expired_since = stream->created_at;
    queue_read<LogPage>(runner, [&reader = services_.reader, stream = std::move(stream), what] {
        return read_page(reader, *stream, what);
    });
}

void RunnerHost::find(const RunnerKey& runner, std::vector<Cursor> events) {
    queue_read<std::vector<EventPtr>>(
        runner, [&reader = services_.reader, events = std::move(events)] { return reader.find_all(events); });
}

void RunnerHost::read_work(const RunnerKey& runner, EventId after, std::size_t limit) {
    queue_read<StreamWork>(runner, [&store = services_.deliveries, stream = runner.stream, after, limit] {
        return store.work(stream, after, limit);
    });
}

void RunnerHost::read_dead(const RunnerKey& runner, EventId before, std::size_t limit) {
    queue_read<DeadPage>(runner, [&store = services_.deliveries, stream = runner.stream, before, limit] {
        return store.dead(stream, before, limit);
    });
}

void RunnerHost::note_reads_done(std::size_t count) {
    active_reads_ -= count;
    begin_reads();
}

void RunnerHost::begin_reads() {
    while (active_reads_ < kMaxReads && !reads_.empty()) {
        Read next = std::move(reads_.front());
        reads_.pop_front();
        ++active_reads_;
        if (!services_.pool.submit(std::move(next.run))) next.give_up();
    }
}

void RunnerHost::pause(StreamId stream, const std::string& reason) {
    log::warn("stream.paused", {{"stream", stream.value}, {"reason", reason}});
    const bool is_accepted = services_.pool.submit([&store = services_.registry, inbox = inbox_, stream] {
        DispatcherInbox::PauseStored stored{stream};
        try {
            // A stream that is gone by now needs no pause.
            (void)store.set_paused(stream, true);
            stored.is_stored = true;
        } catch (const std::exception& error) {
            log::warn("stream.pause-unsaved", {{"stream", stream.value}, {"error", error.what()}});
        }
        inbox->post(stored);
    });
    if (!is_accepted) inbox_->post(DispatcherInbox::PauseStored{stream});
}

void RunnerHost::count(StreamId stream, std::string_view result) {
    ++counts_[{stream, result}];
}

void RunnerHost::note_attempt(StreamId stream, Attempt attempt) {
    attempts_.add(stream, std::move(attempt));
}

void RunnerHost::flush_counts(const std::function<std::string(StreamId)>& name) {
    for (const auto& [key, count] : counts_) services_.metrics.delivered(name(key.first), key.second, count);
    counts_.clear();
}

}  // namespace headwater
