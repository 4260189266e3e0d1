#include "sinks/email/mail_pacer.hpp"

#include <algorithm>

namespace headwater::sinks {
namespace {

constexpr std::chrono::minutes kPeriod{1};

}  // namespace

MailPacer::TimePoint MailPacer::reserve(const std::string& recipient, TimePoint now) {
    if (limit_ == 0) return now;
    const std::lock_guard lock(mutex_);
    forget_old(now);
    std::deque<TimePoint>& turns = turns_[recipient];
    while (turns.size() > limit_) turns.pop_front();
    const TimePoint turn = turns.size() < limit_ ? now : std::max(now, turns.front() + kPeriod);
    turns.push_back(turn);
    return turn;
}

void MailPacer::forget_old(TimePoint now) {
    if (now - swept_at_ < kPeriod) return;
    swept_at_ = now;
    std::erase_if(turns_, [&](const auto& entry) { return entry.second.back() + kPeriod < now; });
}

}  // namespace headwater::sinks
