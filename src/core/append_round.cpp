#include "core/append_round.hpp"

#include <utility>

namespace headwater {
namespace {

constexpr std::size_t kEventOverhead = 300;  // what a queued event costs besides its bytes

}  // namespace

AppendRequest::AppendRequest(std::vector<NewEvent> e, Appender::Completion d, std::optional<IdempotencyKey> k)
    : events(std::move(e)), done(std::move(d)), key(k) {
    for (const NewEvent& event : events) bytes += event.payload.size() + event.meta.size() + kEventOverhead;
}

AppendRound::AppendRound(std::vector<std::unique_ptr<AppendRequest>> requests)
    : requests_(std::move(requests)) {
    for (const auto& request : requests_) {
        if (request->key) keyed_.push_back({events_.size(), request->events.size(), *request->key});
        for (NewEvent& event : request->events) events_.push_back(&event);
    }
    outcomes_.resize(events_.size());
}

std::span<const NewEvent* const> AppendRound::events(AppendRange range) const {
    return {events_.data() + range.begin, range.end - range.begin};
}

std::vector<KeyedRequest> AppendRound::keyed_requests(AppendRange range) const {
    std::vector<KeyedRequest> found;
    for (const KeyedRequest& request : keyed_) {
        if (request.first < range.begin || request.first >= range.end) continue;
        found.push_back({request.first - range.begin, request.count, request.key});
    }
    return found;
}

std::optional<std::pair<AppendRange, AppendRange>> AppendRound::halve(AppendRange range) const {
    std::size_t middle = range.begin + (range.end - range.begin) / 2;
    for (const KeyedRequest& request : keyed_) {
        const std::size_t end = request.first + request.count;
        if (request.first >= middle || end <= middle) continue;
        middle = request.first > range.begin ? request.first : end;
    }
    if (middle == range.begin || middle == range.end) return std::nullopt;
    return std::pair{AppendRange{range.begin, middle}, AppendRange{middle, range.end}};
}

void AppendRound::reject(AppendRange range) {
    for (std::size_t i = range.begin; i < range.end; ++i)
        outcomes_[i] = Appended{.outcome = Appended::Outcome::rejected};
}

void AppendRound::answer() {
    std::size_t next = 0;
    for (const auto& request : requests_) {
        std::vector<Appended> answer;
        answer.reserve(request->events.size());
        for (std::size_t i = 0; i < request->events.size(); ++i, ++next) {
            if (outcomes_[next]) answer.push_back(std::move(*outcomes_[next]));
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

void AppendRound::add_commit(AppendRange range, AppendResult result) {
    for (std::size_t i = range.begin; i < range.end; ++i) outcomes_[i] = result.events[i - range.begin];
    commits_.push_back({range, std::move(result)});
}

std::vector<LogTail::Commit> AppendRound::release_commits() {
    std::vector<LogTail::Commit> released;
    for (Committed& commit : commits_) {
        std::vector<NewEvent> events;
        events.reserve(commit.range.end - commit.range.begin);
        for (std::size_t i = commit.range.begin; i < commit.range.end; ++i)
            events.push_back(std::move(*events_[i]));
        released.push_back({std::move(commit.result), std::move(events)});
    }
    return released;
}

}  // namespace headwater
