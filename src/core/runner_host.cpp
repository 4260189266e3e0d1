#include "core/runner_host.hpp"

#include <utility>

#include "core/log.hpp"

namespace headwater {
namespace {

std::optional<LogPage> read_page(LogReader& reader, const Stream& stream, LogRead what) {
    if (stream.owner_type.empty()) {
        what.types = &stream.definition.types;
    } else {
        what.type = stream.owner_type;
    }
    try {
        return reader.read(what);
    } catch (const std::exception& error) {
        log::warn("stream.unread", {{"stream", stream.id.value}, {"error", error.what()}});
        return std::nullopt;
    }
}

}  // namespace

RunnerHost::RunnerHost(const SinkTypes& sinks, LogReader& reader, RegistryStore& store, WorkPool& pool,
                       Metrics& metrics, std::shared_ptr<DispatcherInbox> inbox)
    : sinks_(sinks),
      reader_(reader),
      store_(store),
      pool_(pool),
      metrics_(metrics),
      inbox_(std::move(inbox)) {}

std::unique_ptr<Sink> RunnerHost::open(const Stream& stream) {
    const SinkType* type = find_sink_type(sinks_, stream.definition.source);
    return type == nullptr ? nullptr : type->open(stream.id, stream.definition.destination);
}

void RunnerHost::close(std::unique_ptr<Sink> sink) {
    // A pool that is full or stopping gives the work back, and the sink ends here.
    (void)pool_.submit([sink = std::move(sink)]() mutable { sink.reset(); });
}

std::move_only_function<void(DeliveryResult)> RunnerHost::settle_for(StreamId stream,
                                                                     RunnerGeneration generation,
                                                                     EventId event) {
    return [inbox = inbox_, stream, generation, event](DeliveryResult result) {
        inbox->post(DispatcherInbox::Settlement{stream, generation, event, std::move(result)});
    };
}

void RunnerHost::read(std::shared_ptr<const Stream> stream, RunnerGeneration generation, LogRead what) {
    reads_.push_back({std::move(stream), generation, what});
    begin_reads();
}

void RunnerHost::note_read_done() {
    --active_reads_;
    begin_reads();
}

void RunnerHost::begin_reads() {
    while (active_reads_ < kMaxReads && !reads_.empty()) {
        Read next = std::move(reads_.front());
        reads_.pop_front();
        ++active_reads_;
        const StreamId id = next.stream->id;
        const RunnerGeneration generation = next.generation;
        const bool is_accepted = pool_.submit([&reader = reader_, inbox = inbox_, read = std::move(next)] {
            inbox->post(DispatcherInbox::PageRead{read.stream->id, read.generation,
                                                  read_page(reader, *read.stream, read.what)});
        });
        if (!is_accepted) inbox_->post(DispatcherInbox::PageRead{id, generation, std::nullopt});
    }
}

void RunnerHost::pause(StreamId stream, const std::string& reason) {
    log::warn("stream.paused", {{"stream", stream.value}, {"reason", reason}});
    const bool is_accepted = pool_.submit([&store = store_, inbox = inbox_, stream] {
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

void RunnerHost::flush_counts(const std::function<std::string(StreamId)>& name) {
    for (const auto& [key, count] : counts_) metrics_.delivered(name(key.first), key.second, count);
    counts_.clear();
}

}  // namespace headwater
