#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/stream_runner.hpp"

namespace headwater::testing {

/// A destination that answers only when the test says so.
class FakeStreamHost final : public StreamHost {
  public:
    struct Sent {
        EventId event;
        int attempt = 0;
        RunnerKey runner;
        Lane lane{};
        std::size_t serial = 0;  ///< 1, 2, 3, … in the order of sending
        ReplayId replay{};       ///< as told to the destination
    };
    struct Read {
        RunnerKey runner;
        LogRead what;
    };
    struct Find {
        RunnerKey runner;
        std::vector<Cursor> events;
    };
    struct RowsRead {
        RunnerKey runner;
        EventId bound;  ///< after (work) or before (dead events)
        std::size_t limit = 0;
    };

    std::size_t window = 1000;
    std::vector<std::chrono::seconds> retries;
    bool knows_sink = true;
    bool keeps_order = true;
    bool has_lease = true;
    std::vector<Sent> sent;   ///< in order, and not settled by the test yet
    std::vector<Read> reads;  ///< not answered yet, as those that follow
    std::vector<Find> finds;
    std::vector<RowsRead> work_reads;
    std::vector<RowsRead> dead_reads;
    std::vector<Attempt> attempts;
    std::vector<std::string> pauses;
    std::map<std::string, int, std::less<>> counts;
    int opened = 0;
    int closed = 0;

    std::unique_ptr<Sink> open(const Stream& /*stream*/) override {
        if (!knows_sink) return nullptr;
        ++opened;
        return std::make_unique<FakeSink>(*this);
    }
    void close(std::unique_ptr<Sink> /*sink*/) override { ++closed; }
    RunnerGeneration next_generation() override { return ++last_generation_; }
    bool may_send() override { return has_lease; }
    std::move_only_function<void(DeliveryResult)> settle_for(const RunnerKey& runner, Lane lane,
                                                             EventId /*event*/) override {
        runner_ = runner;
        lane_ = lane;
        return [](DeliveryResult) {};
    }
    void read(const RunnerKey& runner, std::shared_ptr<const Stream> /*stream*/, LogRead what) override {
        reads.push_back({runner, what});
    }
    void find(const RunnerKey& runner, std::vector<Cursor> events) override {
        finds.push_back({runner, std::move(events)});
    }
    void read_work(const RunnerKey& runner, EventId after, std::size_t limit) override {
        work_reads.push_back({runner, after, limit});
    }
    void read_dead(const RunnerKey& runner, EventId before, std::size_t limit) override {
        dead_reads.push_back({runner, before, limit});
    }
    void note_attempt(StreamId /*stream*/, Attempt attempt) override {
        attempts.push_back(std::move(attempt));
    }
    void pause(StreamId /*stream*/, const std::string& reason) override { pauses.push_back(reason); }
    void count(StreamId /*stream*/, std::string_view result) override { ++counts[std::string(result)]; }

    /// Takes the delivery of this event off the list of those under way.
    Sent take(std::int64_t id) {
        const auto found = std::ranges::find(sent, EventId{id}, &Sent::event);
        if (found == sent.end()) throw std::logic_error("event " + std::to_string(id) + " is not under way");
        const Sent taken = *found;
        sent.erase(found);
        return taken;
    }

    /// The ids of what is under way, in the order in which it was sent.
    [[nodiscard]] std::vector<std::int64_t> under_way() const {
        std::vector<std::int64_t> ids;
        for (const Sent& one : sent) ids.push_back(one.event.value);
        return ids;
    }

  private:
    class FakeSink final : public Sink {
      public:
        explicit FakeSink(FakeStreamHost& host) : host_(host) {}
        void deliver(Delivery delivery) override {
            host_.sent.push_back({delivery.event->id, delivery.attempt, host_.runner_, host_.lane_,
                                  ++host_.serial_, delivery.replay});
        }
        [[nodiscard]] std::size_t window() const override { return host_.window; }
        [[nodiscard]] bool keeps_order() const override { return host_.keeps_order; }
        [[nodiscard]] std::vector<std::chrono::seconds> retries() const override { return host_.retries; }

      private:
        FakeStreamHost& host_;
    };

    RunnerGeneration last_generation_ = 0;
    RunnerKey runner_;
    Lane lane_{};
    std::size_t serial_ = 0;
};

}  // namespace headwater::testing
