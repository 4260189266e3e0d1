#include "core/append_round.hpp"

#include <cstring>
#include <unordered_set>
#include <utility>

namespace headwater {
namespace {

struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, digest.data(), sizeof hash);
        return hash;
    }
};
using DigestSet = std::unordered_set<Digest, DigestHash>;

bool shares_key(const NewEvent& event, const DigestSet& seen) {
    for (const IdempotencyKey& key : event.keys) {
        if (seen.contains(key.key)) return true;
    }
    return false;
}

/// Moves the events whose keys repeat within `pass` out of it and returns them, in order.
std::vector<std::size_t> split_off_repeats(const AppendRound& round, std::vector<std::size_t>& pass) {
    DigestSet seen;
    std::vector<std::size_t> repeats;
    std::erase_if(pass, [&](std::size_t index) {
        const NewEvent& event = round.event(index);
        const bool is_repeat = shares_key(event, seen);
        // A repeat's own keys count too, so that a third event behind it keeps its place.
        for (const IdempotencyKey& key : event.keys) seen.insert(key.key);
        if (is_repeat) repeats.push_back(index);
        return is_repeat;
    });
    return repeats;
}

constexpr std::size_t kEventOverhead = 300;  // what a queued event costs besides its bytes

}  // namespace

AppendRequest::AppendRequest(std::vector<NewEvent> e, Appender::Completion d)
    : events(std::move(e)), done(std::move(d)) {
    for (const NewEvent& event : events) bytes += event.payload.size() + event.meta.size() + kEventOverhead;
}

AppendRound::AppendRound(std::vector<std::unique_ptr<AppendRequest>> requests)
    : requests_(std::move(requests)) {
    for (const auto& request : requests_) {
        for (NewEvent& event : request->events) events_.push_back(&event);
    }
    outcomes_.resize(events_.size());
}

std::vector<std::vector<std::size_t>> AppendRound::passes() const {
    std::vector<std::size_t> rest(events_.size());
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = i;
    std::vector<std::vector<std::size_t>> passes;
    while (!rest.empty()) {
        std::vector<std::size_t> repeats = split_off_repeats(*this, rest);
        passes.push_back(std::exchange(rest, std::move(repeats)));
    }
    return passes;
}

void AppendRound::answer() {
    std::size_t next = 0;
    for (const auto& request : requests_) {
        std::vector<Appended> answer;
        answer.reserve(request->events.size());
        for (std::size_t i = 0; i < request->events.size(); ++i, ++next) {
            if (outcomes_[next]) answer.push_back(*outcomes_[next]);
        }
        if (answer.size() == request->events.size()) {
            request->done(std::move(answer));
        } else {
            request->done(std::unexpected(Refusal{Refusal::Kind::unavailable,
                                                  "The event store is away and it is not known whether the "
                                                  "event was stored; send it again with the same "
                                                  "id or Idempotency-Key."}));
        }
    }
}

void AppendRound::add_commit(std::vector<std::size_t> indexes, AppendResult result) {
    for (std::size_t i = 0; i < indexes.size(); ++i) outcomes_[indexes[i]] = result.events[i];
    commits_.push_back({std::move(indexes), std::move(result)});
}

std::vector<LogTail::Commit> AppendRound::release_commits() {
    std::vector<LogTail::Commit> released;
    for (Committed& commit : commits_) {
        std::vector<NewEvent> events;
        events.reserve(commit.indexes.size());
        for (const std::size_t index : commit.indexes) events.push_back(std::move(*events_[index]));
        released.push_back({std::move(commit.result), std::move(events)});
    }
    return released;
}

}  // namespace headwater
