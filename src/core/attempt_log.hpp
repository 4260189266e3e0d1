#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/sink.hpp"
#include "core/time.hpp"

namespace headwater {

/// One attempt to deliver an event, for people.
struct Attempt {
    EventId event;
    int attempt = 1;  ///< 1 for the first
    Timestamp at;     ///< when its outcome was known
    std::chrono::microseconds duration{};
    DeliveryResult::Outcome outcome = DeliveryResult::Outcome::delivered;
    int status = 0;        ///< the protocol's own code; 0 when there was none
    std::string reason;    ///< "" when delivered
    std::string response;  ///< the first bytes of the destination's answer, when it was not delivered
    ReplayId replay{};
};

/// The last attempts of each stream that this node runs, in memory. Bounded over all streams in bytes: the
/// oldest answers of destinations go first, their attempts stay without them. Thread-safe; add() is cheap for
/// what succeeds.
class AttemptLog {
  public:
    static constexpr std::size_t kPerStream = 100;
    static constexpr std::size_t kMaxBytes = 64 << 20;

    explicit AttemptLog(std::size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}

    void add(StreamId stream, Attempt attempt);
    /// The stream is no longer run here.
    void forget(StreamId stream);
    /// Newest first; empty for a stream that is not run here.
    [[nodiscard]] std::vector<Attempt> of(StreamId stream) const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct Text {
        std::string reason;
        std::string response;
    };
    /// An Attempt without what a success does not have.
    struct Entry {
        EventId event;
        ReplayId replay;
        Timestamp at;
        std::uint32_t microseconds = 0;
        int attempt = 1;
        int status = 0;
        DeliveryResult::Outcome outcome{};
        std::unique_ptr<Text> text;
    };
    struct Ring {
        std::vector<Entry> entries;
        std::uint64_t added = 0;  // in all; the next goes to entries[added % kPerStream]
    };

    void drop_text(Entry& entry);
    void make_room();

    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::unordered_map<StreamId, Ring> rings_;                  // guarded by mutex_
    std::deque<std::pair<StreamId, std::uint64_t>> with_text_;  // guarded by mutex_; oldest first
    std::size_t bytes_ = 0;                                     // guarded by mutex_
};

/// "delivered", "failed", "unavailable", "rejected", "stop".
[[nodiscard]] std::string_view to_string(DeliveryResult::Outcome outcome);

}  // namespace headwater
