#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

namespace headwater::sinks {

/// Spreads the mails to one recipient: no minute sees more than the limit, what is over waits its turn.
/// Thread-safe. Remembers a minute of each recipient.
class MailPacer {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// 0 = no limit.
    explicit MailPacer(int mails_per_minute) : limit_(static_cast<std::size_t>(mails_per_minute)) {}

    /// When the next mail to this recipient may go: now, or later. It counts as sent then.
    [[nodiscard]] TimePoint reserve(const std::string& recipient, TimePoint now);

  private:
    void forget_old(TimePoint now);

    std::size_t limit_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::deque<TimePoint>> turns_;  // guarded by mutex_
    TimePoint swept_at_{};                                          // guarded by mutex_
};

}  // namespace headwater::sinks
