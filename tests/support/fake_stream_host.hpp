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
        RunnerGeneration generation = 0;
        std::size_t serial = 0;  ///< 1, 2, 3, … in the order of sending
    };
    struct Read {
        RunnerGeneration generation = 0;
        LogRead what;
    };

    std::size_t window = 1000;
    std::vector<std::chrono::seconds> retries;
    bool knows_sink = true;
    std::vector<Sent> sent;   ///< in order, and not settled by the test yet
    std::vector<Read> reads;  ///< not answered yet
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
    std::move_only_function<void(DeliveryResult)> settle_for(StreamId /*stream*/, RunnerGeneration generation,
                                                             EventId /*event*/) override {
        generation_ = generation;
        return [](DeliveryResult) {};
    }
    void read(std::shared_ptr<const Stream> /*stream*/, RunnerGeneration generation, LogRead what) override {
        reads.push_back({generation, what});
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
            host_.sent.push_back({delivery.event->id, delivery.attempt, host_.generation_, ++host_.serial_});
        }
        [[nodiscard]] std::size_t window() const override { return host_.window; }
        [[nodiscard]] std::vector<std::chrono::seconds> retries() const override { return host_.retries; }

      private:
        FakeStreamHost& host_;
    };

    RunnerGeneration generation_ = 0;
    std::size_t serial_ = 0;
};

}  // namespace headwater::testing
