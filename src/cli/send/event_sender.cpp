#include "cli/send/event_sender.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "cli/interrupt.hpp"

namespace headwater::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstWait = 200ms;
constexpr std::chrono::milliseconds kLongestWait = 10s;
constexpr std::chrono::seconds kLongestRetryAfter = 60s;

/// Nobody knows what became of it, or the server asks for time: under the same key, repeating is safe.
bool is_worth_repeating(const HttpAnswer& answer) {
    switch (answer.status) {
        case 0:
        case 408:
        case 429:
        case 500:
        case 502:
        case 503:
        case 504:
            return true;
        default:
            return !answer.failure.empty();
    }
}

std::chrono::milliseconds wait_before(int attempt, const HttpAnswer& answer) {
    thread_local std::minstd_rand random{std::random_device{}()};
    if (const auto told = answer.retry_after()) return std::min(*told, kLongestRetryAfter);
    const auto doubled = std::min(kFirstWait * (1 << std::min(attempt, 10)), kLongestWait);
    return doubled * std::uniform_int_distribution(80, 120)(random) / 100;
}

/// In slices, so that Ctrl-C is heard.
void sleep(std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    while (!is_interrupted() && Clock::now() < end) {
        std::this_thread::sleep_for(std::min<Clock::duration>(end - Clock::now(), 100ms));
    }
}

std::string sentence_of(const Json& problem) {
    std::string sentence = problem["detail"].text();
    if (sentence.empty()) sentence = problem["title"].text();
    for (const Json& error : problem["errors"].elements()) {
        sentence += " " + error["pointer"].text() + ": " + error["detail"].text();
    }
    return sentence;
}

void append(ChunkOutcome& all, ChunkOutcome&& one) {
    all.stored += one.stored;
    all.duplicates += one.duplicates;
    all.rejections.insert(all.rejections.end(), one.rejections.begin(), one.rejections.end());
    all.failure = std::move(one.failure);
}

}  // namespace

ChunkOutcome EventSender::send(const EventChunk& chunk) {
    const HttpAnswer answer =
        send_patiently(chunk.body, "application/x-ndjson", chunk.idempotency_key(options_.seed));
    if (answer.status == 413 && chunk.size() > 1) return send_halves(chunk);
    return read(chunk, answer);
}

ChunkOutcome EventSender::send_halves(const EventChunk& chunk) {
    ChunkOutcome outcome = send(chunk.part(0, chunk.size() / 2));
    if (outcome.failure.empty()) append(outcome, send(chunk.part(chunk.size() / 2, chunk.size())));
    return outcome;
}

HttpAnswer EventSender::send_single(std::string_view event, const std::string& key) {
    return send_patiently(event, "application/json", key);
}

HttpAnswer EventSender::send_patiently(std::string_view body, const std::string& media_type,
                                       const std::string& key) {
    const std::vector<std::string> headers{"Content-Type: " + media_type, "Idempotency-Key: " + key};
    const auto begin = Clock::now();
    for (int attempt = 0;; ++attempt) {
        const HttpAnswer answer = server_.call("POST", "/api/events/send", body, headers);
        const auto so_far = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begin);
        if (!is_worth_repeating(answer) || so_far >= options_.patience || is_interrupted()) return answer;
        on_wait_(server_.complaint(answer), so_far);
        sleep(wait_before(attempt, answer));
        if (is_interrupted()) return answer;
    }
}

ChunkOutcome EventSender::read(const EventChunk& chunk, const HttpAnswer& answer) const {
    ChunkOutcome outcome;
    const auto body = Json::parse(answer.body);
    const std::vector<Json> results = body ? (*body)["results"].elements() : std::vector<Json>{};
    if (results.size() != chunk.size() || !answer.failure.empty()) {
        const bool is_one = chunk.size() == 1 && answer.status >= 400 && answer.status < 500 &&
                            answer.status != 401 && answer.status != 403 && answer.status != 404 && body &&
                            answer.failure.empty();
        if (is_one) {
            outcome.rejections.push_back(
                {chunk.numbers[0], answer.status, sentence_of(*body), std::string(chunk.line(0))});
        } else {
            outcome.failure = is_interrupted() ? "interrupted" : server_.complaint(answer);
        }
        return outcome;
    }
    const bool is_repeat = (*body)["duplicate"].is_true();
    for (std::size_t i = 0; i < results.size(); ++i) {
        const int status = static_cast<int>(results[i]["status"].number());
        if (status >= 400) {
            outcome.rejections.push_back(
                {chunk.numbers[i], status, sentence_of(results[i]["problem"]), std::string(chunk.line(i))});
        } else if (is_repeat || status == 200) {
            ++outcome.duplicates;
        } else {
            ++outcome.stored;
        }
    }
    return outcome;
}

}  // namespace headwater::cli
