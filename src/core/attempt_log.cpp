#include "core/attempt_log.hpp"

#include <algorithm>
#include <limits>

namespace headwater {
namespace {

std::uint32_t to_microseconds(std::chrono::microseconds duration) {
    constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(duration.count(), 0, kMost));
}

}  // namespace

void AttemptLog::add(StreamId stream, Attempt attempt) {
    Entry entry{.event = attempt.event,
                .replay = attempt.replay,
                .at = attempt.at,
                .microseconds = to_microseconds(attempt.duration),
                .attempt = attempt.attempt,
                .status = attempt.status,
                .outcome = attempt.outcome,
                .text = nullptr};
    if (attempt.outcome != DeliveryResult::Outcome::delivered) {
        entry.text = std::make_unique<Text>(std::move(attempt.reason), std::move(attempt.response));
    }
    const std::lock_guard lock(mutex_);
    Ring& ring = rings_[stream];
    if (entry.text) {
        bytes_ += sizeof(Text) + entry.text->reason.size() + entry.text->response.size();
        with_text_.emplace_back(stream, ring.added);
    }
    if (ring.entries.size() < kPerStream) {
        ring.entries.push_back(std::move(entry));
        bytes_ += sizeof(Entry);
    } else {
        Entry& oldest = ring.entries[ring.added % kPerStream];
        drop_text(oldest);
        oldest = std::move(entry);
    }
    ++ring.added;
    make_room();
}

void AttemptLog::drop_text(Entry& entry) {
    if (!entry.text) return;
    bytes_ -= sizeof(Text) + entry.text->reason.size() + entry.text->response.size();
    entry.text.reset();
}

/// Oldest texts first, wherever they are. A place in the queue may be of an attempt that has gone since.
void AttemptLog::make_room() {
    const std::size_t most_places = 2 * kPerStream * std::max<std::size_t>(rings_.size(), 1);
    while (!with_text_.empty() && (bytes_ > max_bytes_ || with_text_.size() > most_places)) {
        const auto [stream, number] = with_text_.front();
        with_text_.pop_front();
        const auto ring = rings_.find(stream);
        if (ring == rings_.end() || number + kPerStream < ring->second.added) continue;
        if (number < ring->second.added) drop_text(ring->second.entries[number % kPerStream]);
    }
}

void AttemptLog::forget(StreamId stream) {
    const std::lock_guard lock(mutex_);
    const auto found = rings_.find(stream);
    if (found == rings_.end()) return;
    for (Entry& entry : found->second.entries) drop_text(entry);
    bytes_ -= found->second.entries.size() * sizeof(Entry);
    rings_.erase(found);
    // Places of this stream would otherwise be taken for those of its next life here.
    std::erase_if(with_text_, [stream](const auto& place) { return place.first == stream; });
}

std::vector<Attempt> AttemptLog::of(StreamId stream) const {
    const std::lock_guard lock(mutex_);
    std::vector<Attempt> attempts;
    const auto found = rings_.find(stream);
    if (found == rings_.end()) return attempts;
    const Ring& ring = found->second;
    attempts.reserve(ring.entries.size());
    for (std::uint64_t back = 1; back <= ring.entries.size(); ++back) {
        const Entry& entry = ring.entries[(ring.added - back) % kPerStream];
        attempts.push_back({.event = entry.event,
                            .attempt = entry.attempt,
                            .at = entry.at,
                            .duration = std::chrono::microseconds(entry.microseconds),
                            .outcome = entry.outcome,
                            .status = entry.status,
                            .reason = entry.text ? entry.text->reason : "",
                            .response = entry.text ? entry.text->response : "",
                            .replay = entry.replay});
    }
    return attempts;
}

std::size_t AttemptLog::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::string_view to_string(DeliveryResult::Outcome outcome) {
    switch (outcome) {
        case DeliveryResult::Outcome::delivered:
            return "delivered";
        case DeliveryResult::Outcome::failed:
            return "failed";
        case DeliveryResult::Outcome::unavailable:
            return "unavailable";
        case DeliveryResult::Outcome::rejected:
            return "rejected";
        case DeliveryResult::Outcome::stop:
            return "stop";
    }
    return "failed";
}

}  // namespace headwater
