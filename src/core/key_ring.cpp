#include "core/key_ring.hpp"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

Timestamp end_of(const StoredKey& stored, bool is_current) {
    const Timestamp end = stored.key.definition.expires_at.value_or(Timestamp::max());
    return is_current ? end : std::min(end, stored.old_until.value_or(end));
}

}  // namespace

KeyRing::KeyRing(KeyStore& store, const Clock& clock, Options options)
    : store_(store),
      clock_(clock),
      options_(options),
      view_(std::make_shared<const KeyView>(KeyView::Door::guarded, std::string(),
                                            std::vector<KeyView::Entry>())) {}

void KeyRing::refresh() {
    const std::lock_guard lock(refreshing_);
    auto keys = store_.load(version_);
    if (!keys) return;
    const bool is_open = !keys->is_enforced && options_.may_open;
    auto next = std::make_shared<const KeyView>(is_open ? KeyView::Door::open : KeyView::Door::guarded,
                                                std::move(keys->session_secret), entries_of(*keys));
    version_ = keys->version;
    publish(std::move(next));
}

std::vector<KeyView::Entry> KeyRing::entries_of(const KeySet& keys) {
    std::vector<KeyView::Entry> entries;
    for (const StoredKey& stored : keys.keys) {
        entries.push_back(entry_of(stored, stored.hash, true));
        if (stored.old_hash) entries.push_back(entry_of(stored, *stored.old_hash, false));
    }
    std::erase_if(meters_, [&](const auto& meter) {
        return std::ranges::none_of(keys.keys,
                                    [&](const auto& stored) { return stored.key.id == meter.first; });
    });
    return entries;
}

/// What a secret opens never changes but for its end, which a rotation brings nearer.
KeyView::Entry KeyRing::entry_of(const StoredKey& stored, const Sha256& hash, bool is_current) {
    const Timestamp end = end_of(stored, is_current);
    const KeyViewPtr known = view();
    if (const KeyView::Entry* same = known->find_entry(hash)) {
        same->access->ends_at = end;
        return {hash, same->access, is_current};
    }
    auto& meter = meters_[stored.key.id];
    if (!meter) meter = std::make_shared<KeyMeter>();
    auto access = std::make_shared<Access>();
    access->id = stored.key.id;
    access->name = stored.key.definition.name;
    access->grants = to_grants(stored.key.definition.grants);
    access->rate = stored.key.definition.rate ? stored.key.definition.rate : options_.rate;
    access->meter = meter;
    access->ends_at = end;
    return {hash, std::move(access), is_current};
}

void KeyRing::publish(KeyViewPtr next) {
    const KeyViewPtr last = view();
    bool has_ended = last->is_open() && !next->is_open();
    for (const KeyView::Entry& entry : last->entries()) {
        if (next->find_entry(entry.hash) == nullptr) has_ended |= !entry.access->has_ended.exchange(true);
    }
    view_.store(next, std::memory_order_release);
    generation_.fetch_add(1, std::memory_order_release);
    if (has_ended) tell(*next);
}

void KeyRing::expire() {
    const KeyViewPtr current = view();
    const Timestamp now = clock_.now();
    bool has_ended = false;
    for (const KeyView::Entry& entry : current->entries()) {
        if (!entry.access->is_good(now)) has_ended |= !entry.access->has_ended.exchange(true);
    }
    if (has_ended) tell(*current);
}

void KeyRing::tell(const KeyView& current) const {
    for (const Listener& listener : listeners_) listener(current);
}

void KeyRing::save_uses() {
    const std::lock_guard lock(refreshing_);
    std::vector<KeyUse> uses;
    for (const auto& [key, meter] : meters_) {
        const auto used = meter->last_use();
        const auto saved = saved_uses_.find(key);
        if (used && (saved == saved_uses_.end() || saved->second < *used)) uses.push_back({key, *used});
    }
    if (uses.empty()) return;
    store_.save_uses(uses);
    for (const KeyUse& use : uses) saved_uses_[use.key] = use.at;
}

}  // namespace headwater
