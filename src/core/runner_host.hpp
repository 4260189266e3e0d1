#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/dispatcher_inbox.hpp"
#include "core/event_log.hpp"
#include "core/lease_book.hpp"
#include "core/metrics.hpp"
#include "core/registry_store.hpp"
#include "core/stream_host.hpp"
#include "core/work_pool.hpp"

namespace headwater {

/// What a RunnerHost works with; all of it outlives the dispatcher.
struct RunnerServices {
    const SinkTypes& sinks;
    LogReader& reader;
    RegistryStore& registry;
    DeliveryStore& deliveries;
    WorkPool& pool;
    const Clock& clock;
    Metrics& metrics;
};

/// Does for the stream runners what blocks or counts: reads on the pool (kMaxReads at once, the others wait
/// in line), opens and closes sinks, stores pauses. Belongs to the dispatcher's thread; answers come through
/// its inbox.
class RunnerHost final : public StreamHost {
  public:
    static constexpr std::size_t kMaxReads = 3;

    RunnerHost(const RunnerServices& services, const LeaseBook& leases, AttemptLog& attempts,
               std::shared_ptr<DispatcherInbox> inbox);

    RunnerGeneration next_generation() override { return ++last_generation_; }
    bool may_send() override { return leases_.is_valid(services_.clock.steady_now()); }
    std::unique_ptr<Sink> open(const Stream& stream) override;
    void close(std::unique_ptr<Sink> sink) override;
    std::move_only_function<void(DeliveryResult)> settle_for(const RunnerKey& runner, Lane lane,
                                                             EventId event) override;
    void read(const RunnerKey& runner, std::shared_ptr<const Stream> stream, LogRead what) override;
    void find(const RunnerKey& runner, std::vector<Cursor> events) override;
    void read_work(const RunnerKey& runner, EventId after, std::size_t limit) override;
    void read_dead(const RunnerKey& runner, EventId before, std::size_t limit) override;
    void pause(StreamId stream, const std::string& reason) override;
    void count(StreamId stream, std::string_view result) override;
    void note_attempt(StreamId stream, Attempt attempt) override;

    /// Answers to reads have come: the next ones may begin.
    void note_reads_done(std::size_t count);
    /// Hands the counts of this round to the metrics; `name` gives a stream's label.
    void flush_counts(const std::function<std::string(StreamId)>& name);

  private:
    struct Read {
        std::move_only_function<void()> run;      ///< on the pool
        std::move_only_function<void()> give_up;  ///< when the pool is full
    };
    template <class Content, class Function>
    void queue_read(const RunnerKey& runner, Function function);
    void begin_reads();

    RunnerServices services_;
    const LeaseBook& leases_;
    AttemptLog& attempts_;
    std::shared_ptr<DispatcherInbox> inbox_;
    RunnerGeneration last_generation_ = 0;
    std::deque<Read> reads_;  // a few per stream at most
    std::size_t active_reads_ = 0;
    std::map<std::pair<StreamId, std::string_view>, std::uint64_t> counts_;
};

}  // namespace headwater
