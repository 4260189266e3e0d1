#include "core/stream_tester.hpp"

#include <utility>

#include "core/json_text.hpp"

namespace headwater {
namespace {

constexpr const char* kBusy = "Too many tests are under way; try again later.";

}  // namespace

void StreamTester::test(const Stream& stream, EventPtr event, Done done) {
    const auto shared = std::make_shared<Done>(std::move(done));
    const Number number = begin();
    const bool is_accepted =
        number != 0 && pool_.submit([this, number, stream, event = std::move(event), shared]() mutable {
            run(number, stream, std::move(event), shared);
        });
    if (is_accepted) return;
    end(number);
    (void)pool_.submit([this] { close_ended(); });  // those that the pool once had no room for
    (*shared)(std::unexpected(Refusal{Refusal::Kind::overloaded, kBusy}));
}

/// 0 when there is no room for another one.
StreamTester::Number StreamTester::begin() {
    const std::lock_guard lock(mutex_);
    if (is_stopped_ || running_.size() >= kMaxRunning) return 0;
    running_.emplace(++last_, nullptr);
    return last_;
}

void StreamTester::run(Number number, const Stream& stream, EventPtr event,
                       const std::shared_ptr<Done>& done) {
    const SinkType* type = find_sink_type(types_, stream.definition.source);
    const std::shared_ptr<Sink> sink =
        type == nullptr ? nullptr : type->open(stream.id, stream.definition.destination);
    if (!sink) {
        end(number);
        close_ended();
        (*done)(std::unexpected(
            Refusal{Refusal::Kind::conflict, "This node does not know this kind of destination."}));
        return;
    }
    bool is_stopped = false;
    {
        const std::lock_guard lock(mutex_);
        is_stopped = is_stopped_;
        if (!is_stopped) running_[number] = sink;
    }
    if (is_stopped) {
        (*done)(std::unexpected(Refusal{Refusal::Kind::unavailable, "The server is stopping."}));
        return;
    }
    Delivery delivery;
    delivery.event = std::move(event);
    delivery.settle = [this, number, done](DeliveryResult result) {
        (*done)(std::move(result));
        end(number);
        (void)pool_.submit([this] { close_ended(); });  // a sink cannot be closed on its own thread
    };
    sink->deliver(std::move(delivery));
}

void StreamTester::end(Number number) {
    const std::lock_guard lock(mutex_);
    ended_.push_back(number);
}

void StreamTester::close_ended() {
    std::vector<std::shared_ptr<Sink>> sinks;  // closed without the lock
    const std::lock_guard lock(mutex_);
    for (const Number number : std::exchange(ended_, {})) {
        const auto found = running_.find(number);
        if (found == running_.end()) continue;
        sinks.push_back(std::move(found->second));
        running_.erase(found);
    }
}

void StreamTester::stop() {
    std::unordered_map<Number, std::shared_ptr<Sink>> running;
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        running.swap(running_);
    }
}

EventPtr make_test_event(const Stream& stream, Timestamp now) {
    const std::string payload = "{\"test\":true,\"stream\":" + to_json_string(stream.definition.name) + "}";
    return make_event({.id = EventId{0},
                       .created_at = now,
                       .type_id = TypeId{0},
                       .type = "headwater:test",
                       .subject = std::nullopt,
                       .meta = {},
                       .payload = payload});
}

}  // namespace headwater
