#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "core/registry_store.hpp"
#include "core/sink.hpp"

namespace headwater::testing {

/// What a dispatcher writes to the registry, kept in memory. Thread-safe.
class MemoryPauses final : public RegistryStore {
  public:
    std::expected<Stream, Refusal> set_paused(StreamId stream, bool paused) override {
        const std::lock_guard lock(mutex_);
        if (is_away_) throw Unavailable("away");
        if (paused) paused_.insert(stream);
        return Stream{};
    }

    RegistrySnapshot load() override { return {}; }
    std::int64_t generation() override { return 0; }
    std::expected<RegistrationResult, Refusal> put(const Registration&) override { return refuse(); }
    std::expected<std::vector<Stream>, Refusal> remove_type(std::string_view,
                                                            std::optional<std::int64_t>) override {
        return refuse();
    }
    std::expected<Stream, Refusal> put_stream(std::string_view, const StreamDefinition&,
                                              std::optional<std::int64_t>) override {
        return refuse();
    }
    std::expected<Stream, Refusal> remove_stream(StreamId) override { return refuse(); }
    std::int64_t lag_events(const Stream&) override { return 0; }

    void set_away(bool is_away) {
        const std::lock_guard lock(mutex_);
        is_away_ = is_away;
    }
    [[nodiscard]] bool is_paused(StreamId stream) const {
        const std::lock_guard lock(mutex_);
        return paused_.contains(stream);
    }

  private:
    static std::unexpected<Refusal> refuse() { return std::unexpected(Refusal{}); }

    mutable std::mutex mutex_;
    std::set<StreamId> paused_;
    bool is_away_ = false;
};

/// Destinations named by their `destination` text, which take what they are sent and answer as they are told.
/// Thread-safe.
class MemorySinks final : public SinkType {
  public:
    using Outcome = DeliveryResult::Outcome;
    enum class Way { take, fail, reject, away, stop, hold };

    void set_way(Way way) {
        const std::lock_guard lock(mutex_);
        way_ = way;
    }
    /// Answers what was held.
    void release() {
        std::vector<Delivery> held;
        {
            const std::lock_guard lock(mutex_);
            way_ = Way::take;
            held.swap(held_);
            for (const Delivery& delivery : held) taken_["held"].push_back(delivery.event->id.value);
        }
        changed_.notify_all();
        for (Delivery& delivery : held) delivery.settle({});
    }
    /// The ids that a destination has confirmed, in order.
    [[nodiscard]] std::vector<std::int64_t> taken(const std::string& destination) const {
        const std::lock_guard lock(mutex_);
        const auto found = taken_.find(destination);
        return found == taken_.end() ? std::vector<std::int64_t>{} : found->second;
    }
    [[nodiscard]] bool wait_for(const std::string& destination, std::size_t count) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] {
            const auto found = taken_.find(destination);
            return found != taken_.end() && found->second.size() >= count;
        });
    }
    [[nodiscard]] bool wait_for_held(std::size_t count) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return held_.size() >= count; });
    }
    [[nodiscard]] int open_sinks() const {
        const std::lock_guard lock(mutex_);
        return open_;
    }

    [[nodiscard]] std::string_view source() const override { return "memory"; }
    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view json, std::optional<std::string_view>) const override {
        return ParsedDestination{.json = std::string(json), .default_name = "memory", .shown_once = {}};
    }
    [[nodiscard]] std::string describe(std::string_view) const override { return {}; }
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view) const override { return {}; }
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId, std::string_view destination) const override {
        return std::make_unique<MemorySink>(const_cast<MemorySinks&>(*this), std::string(destination));
    }

  private:
    class MemorySink final : public Sink {
      public:
        MemorySink(MemorySinks& all, std::string name) : all_(all), name_(std::move(name)) {
            all_.add_open(1);
        }
        ~MemorySink() override { all_.add_open(-1); }
        void deliver(Delivery delivery) override { all_.take(name_, std::move(delivery)); }
        [[nodiscard]] std::size_t window() const override { return 100; }
        [[nodiscard]] bool keeps_order() const override { return true; }

      private:
        MemorySinks& all_;
        std::string name_;
    };

    void add_open(int change) {
        const std::lock_guard lock(mutex_);
        open_ += change;
    }
    void take(const std::string& name, Delivery delivery) {
        DeliveryResult result;
        {
            const std::lock_guard lock(mutex_);
            switch (way_) {
                case Way::take:
                    taken_[name].push_back(delivery.event->id.value);
                    break;
                case Way::fail:
                    result.outcome = Outcome::failed;
                    break;
                case Way::reject:
                    result.outcome = Outcome::rejected;
                    break;
                case Way::away:
                    result.outcome = Outcome::unavailable;
                    break;
                case Way::stop:
                    result.outcome = Outcome::stop;
                    break;
                case Way::hold:
                    held_.push_back(std::move(delivery));
                    break;
            }
        }
        changed_.notify_all();
        if (result.outcome != Outcome::delivered) result.reason = "no";
        if (delivery.settle) delivery.settle(std::move(result));
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<std::string, std::vector<std::int64_t>> taken_;
    std::vector<Delivery> held_;
    Way way_ = Way::take;
    int open_ = 0;
};

}  // namespace headwater::testing
