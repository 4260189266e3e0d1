#include "core/connection_limits.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

namespace headwater {
namespace {

std::uint64_t number_of(const unsigned char* bytes, std::size_t count) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) number = number << 8 | bytes[i];
    return number;
}

/// How many may be told that there are too many, at a time.
std::size_t grace(std::size_t bound) {
    return bound / 20 + 64;
}

}  // namespace

RemoteAddress RemoteAddress::of_v4(const std::array<unsigned char, 4>& bytes) {
    return {false, number_of(bytes.data(), bytes.size())};
}

RemoteAddress RemoteAddress::of_v6(const std::array<unsigned char, 16>& bytes) {
    constexpr std::size_t kNetwork = 8, kMapped = 12;
    constexpr std::array<unsigned char, kMapped> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kPrefix.begin(), kPrefix.end(), bytes.begin())) {
        return of_v4({bytes[kMapped], bytes[kMapped + 1], bytes[kMapped + 2], bytes[kMapped + 3]});
    }
    return {true, number_of(bytes.data(), kNetwork)};
}

struct ConnectionLimits::Counts {
    using Standing = Place::Standing;

    explicit Counts(const Bounds& b) : bounds(b) {}

    static Standing judge(std::size_t count, std::size_t bound) {
        if (count <= bound) return Standing::fits;
        return count <= bound + grace(bound) ? Standing::one_too_many : Standing::hopeless;
    }
    Standing add() {
        const std::lock_guard lock(mutex);
        return judge(++total, bounds.total);
    }
    Standing add(const RemoteAddress& address) {
        const std::lock_guard lock(mutex);
        return judge(++by_address[address], bounds.per_address);
    }
    void remove(const std::optional<RemoteAddress>& address) {
        const std::lock_guard lock(mutex);
        --total;
        if (!address) return;
        const auto found = by_address.find(*address);
        if (--found->second == 0) by_address.erase(found);
    }

    const Bounds bounds;
    std::mutex mutex;
    std::size_t total = 0;                            // guarded by mutex
    std::map<RemoteAddress, std::size_t> by_address;  // guarded by mutex; only those that have connections
};

ConnectionLimits::ConnectionLimits(const Bounds& bounds) : counts_(std::make_shared<Counts>(bounds)) {}

ConnectionLimits::Place ConnectionLimits::take(std::optional<RemoteAddress> address) {
    Place place;
    place.counts_ = counts_;
    place.standing_ = counts_->add();
    if (address) place.count_for(*address);
    return place;
}

ConnectionLimits::Place::Place(Place&& other) noexcept
    : counts_(std::move(other.counts_)),
      address_(std::exchange(other.address_, std::nullopt)),
      standing_(other.standing_) {}

ConnectionLimits::Place& ConnectionLimits::Place::operator=(Place&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    counts_ = std::move(other.counts_);
    address_ = std::exchange(other.address_, std::nullopt);
    standing_ = other.standing_;
    return *this;
}

ConnectionLimits::Place::~Place() {
    give_back();
}

void ConnectionLimits::Place::give_back() {
    if (counts_) counts_->remove(address_);
    counts_.reset();
}

void ConnectionLimits::Place::count_for(const RemoteAddress& address) {
    if (!counts_ || address_) return;
    address_ = address;
    standing_ = std::max(standing_, counts_->add(address));
}

}  // namespace headwater
