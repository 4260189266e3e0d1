#include "tests/support/memory_deliveries.hpp"

namespace headwater::testing {

void MemoryDeliveries::end_lease(std::int64_t process) {
    leases_.erase(process);
    for (auto& [id, stored] : streams_) {
        if (stored.owner == process) stored.owner.reset();
    }
}

LeaseRenewal MemoryDeliveries::renew(std::int64_t process, const std::string& label) {
    const auto lock = enter();
    const Timestamp now = clock_.now();
    LeaseRenewal renewal;
    const auto own = leases_.find(process);
    renewal.is_lost = own == leases_.end() && has_held_[process];
    if (own == leases_.end() || own->second.expires_at > now) {
        std::vector<std::int64_t> over;
        for (const auto& [id, lease] : leases_) {
            if (lease.expires_at <= now) over.push_back(id);
        }
        for (const std::int64_t id : over) end_lease(id);
    }
    leases_[process] = {label, now + kLease};
    has_held_[process] = true;

    auto held = count_held(process);
    const std::size_t share = share_of(process, now);
    renewal.surplus = held > share ? held - share : 0;
    for (auto& [id, stored] : streams_) {
        if (held >= share) break;
        if (stored.owner) continue;
        stored.owner = process;
        ++stored.stream.epoch;
        ++held;
        const bool has_failing = std::ranges::any_of(
            stored.rows, [](const auto& entry) { return entry.second.event.state != FailingState::dead; });
        const bool has_replay = std::ranges::any_of(
            stored.replays, [](const auto& entry) { return entry.second.state == ReplayState::running; });
        renewal.claimed.push_back({id, stored.stream.epoch, stored.stream.cursor, stored.standing.state,
                                   has_failing || has_replay || stored.skip});
    }
    return renewal;
}

std::size_t MemoryDeliveries::count_held(std::int64_t process) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(streams_, [&](const auto& entry) { return entry.second.owner == process; }));
}

/// What is left over goes to as many processes, one each; whoever has one of those keeps it.
std::size_t MemoryDeliveries::share_of(std::int64_t process, Timestamp now) const {
    std::size_t live = 0;
    for (const auto& [id, lease] : leases_) live += lease.expires_at > now ? 1 : 0;
    const std::size_t even = streams_.size() / live;
    const std::pair own(count_held(process), -process);
    std::size_t before = 0;
    for (const auto& [id, lease] : leases_) {
        const std::pair other(count_held(id), -id);
        const bool counts = id != process && lease.expires_at > now && other.first > even;
        if (counts && other > own) ++before;
    }
    return even + (streams_.size() % live > before ? 1 : 0);
}

void MemoryDeliveries::release(std::int64_t process, std::span<const StreamProgress> streams) {
    {
        const auto lock = enter();
        for (const StreamProgress& one : streams) {
            StoredStream* stored = find(one.stream);
            if (save_one(one) && stored->owner == process) stored->owner.reset();
        }
    }
    on_leases();
}

void MemoryDeliveries::leave(std::int64_t process) {
    {
        const auto lock = enter();
        end_lease(process);
        has_held_.erase(process);
    }
    on_leases();
}

void MemoryDeliveries::end_all() {
    const auto lock = enter();
    leases_.clear();
    for (auto& [id, stored] : streams_) stored.owner.reset();
}

std::string MemoryDeliveries::owner_of(const StoredStream& stored) const {
    if (!stored.owner) return {};
    const auto lease = leases_.find(*stored.owner);
    return lease == leases_.end() || lease->second.expires_at <= clock_.now() ? "" : lease->second.label;
}

}  // namespace headwater::testing
