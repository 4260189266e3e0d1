#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/dispatcher_inbox.hpp"
#include "core/event_log.hpp"
#include "core/metrics.hpp"
#include "core/registry_store.hpp"
#include "core/stream_runner.hpp"
#include "core/work_pool.hpp"

namespace headwater {

/// Does for the stream runners what blocks or counts: reads pages on the pool (kMaxReads at once, the others
/// wait in line), opens and closes sinks, stores pauses. Belongs to the dispatcher's thread; answers come
/// through its inbox.
class RunnerHost final : public StreamHost {
  public:
    static constexpr std::size_t kMaxReads = 3;

    RunnerHost(const SinkTypes& sinks, LogReader& reader, RegistryStore& store, WorkPool& pool,
               Metrics& metrics, std::shared_ptr<DispatcherInbox> inbox);

    std::unique_ptr<Sink> open(const Stream& stream) override;
    void close(std::unique_ptr<Sink> sink) override;
    std::move_only_function<void(DeliveryResult)> settle_for(StreamId stream, RunnerGeneration generation,
                                                             EventId event) override;
    void read(std::shared_ptr<const Stream> stream, RunnerGeneration generation, LogRead what) override;
    void pause(StreamId stream, const std::string& reason) override;
    void count(StreamId stream, std::string_view result) override;

    /// A page has come: the next read may begin.
    void note_read_done();
    /// Hands the counts of this round to the metrics; `name` gives a stream's label.
    void flush_counts(const std::function<std::string(StreamId)>& name);

  private:
    struct Read {
        std::shared_ptr<const Stream> stream;
        RunnerGeneration generation;
        LogRead what;
    };
    void begin_reads();

    const SinkTypes& sinks_;
    LogReader& reader_;
    RegistryStore& store_;
    WorkPool& pool_;
    Metrics& metrics_;
    std::shared_ptr<DispatcherInbox> inbox_;
    std::deque<Read> reads_;  // at most one per stream
    std::size_t active_reads_ = 0;
    std::map<std::pair<StreamId, std::string_view>, std::uint64_t> counts_;
};

}  // namespace headwater
