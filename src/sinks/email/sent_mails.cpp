#include "sinks/email/sent_mails.hpp"

namespace headwater::sinks {

std::set<std::string> SentMails::of(const Key& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = sent_.find(key);
    return found == sent_.end() ? std::set<std::string>() : found->second;
}

void SentMails::add(const Key& key, const std::string& recipient) {
    const std::lock_guard lock(mutex_);
    auto [entry, is_new] = sent_.try_emplace(key);
    entry->second.insert(recipient);
    if (!is_new) return;
    order_.push_back(key);
    if (order_.size() <= kMaxEvents) return;
    sent_.erase(order_.front());
    order_.pop_front();
}

void SentMails::forget(const Key& key) {
    const std::lock_guard lock(mutex_);
    sent_.erase(key);
}

}  // namespace headwater::sinks
