#pragma once

#include <chrono>
#include <unordered_map>

#include "core/lease_news.hpp"

namespace headwater {

/// What this process may run, and until when it may send, as far as it knows. Belongs to the dispatcher's
/// thread.
class LeaseBook {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    void claim(const ClaimedStream& stream) { claimed_.insert_or_assign(stream.id, stream); }
    void forget(StreamId stream) { claimed_.erase(stream); }
    void clear() { claimed_.clear(); }
    /// Null when the stream is not this process's.
    [[nodiscard]] const ClaimedStream* find(StreamId stream) const {
        const auto found = claimed_.find(stream);
        return found == claimed_.end() ? nullptr : &found->second;
    }

    void set_valid_until(TimePoint time) { valid_until_ = time; }
    [[nodiscard]] bool is_valid(TimePoint now) const { return now < valid_until_; }

  private:
    std::unordered_map<StreamId, ClaimedStream> claimed_;
    TimePoint valid_until_ = TimePoint::min();
};

}  // namespace headwater
