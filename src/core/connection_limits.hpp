#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace headwater {

/// Where a connection comes from, as limits count: an IPv4 address, or the /64 network that an IPv6 client
/// usually has all to itself. A value.
class RemoteAddress {
  public:
    [[nodiscard]] static RemoteAddress of_v4(const std::array<unsigned char, 4>& bytes);
    /// An IPv4-mapped address (RFC 4291 section 2.5.5.2) is the IPv4 one.
    [[nodiscard]] static RemoteAddress of_v6(const std::array<unsigned char, 16>& bytes);

    friend auto operator<=>(const RemoteAddress&, const RemoteAddress&) = default;

  private:
    RemoteAddress(bool is_v6, std::uint64_t network) : is_v6_(is_v6), network_(network) {}
    bool is_v6_;
    std::uint64_t network_;
};

/// Counts open connections, in total and by address. Whoever is beyond a bound still gets a place, so that it
/// can be told so in its own protocol; only those far beyond are to be closed without a word. Thread-safe;
/// places may outlive it.
class ConnectionLimits {
  public:
    struct Bounds {
        std::size_t total = 20'000;
        std::size_t per_address = 15'000;
    };
    class Place;

    explicit ConnectionLimits(const Bounds& bounds);
    /// Without an address only the total counts.
    [[nodiscard]] Place take(std::optional<RemoteAddress> address);

  private:
    struct Counts;
    std::shared_ptr<Counts> counts_;
};

/// One connection's place among all; its destructor gives it back. It goes where the connection goes.
class ConnectionLimits::Place {
  public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place();

    /// Counts it for this address too: a client behind a proxy, known once its request is read.
    void count_for(const RemoteAddress& address);
    /// Beyond a bound: to be told that there are too many, and ended.
    [[nodiscard]] bool is_one_too_many() const { return standing_ != Standing::fits; }
    /// So far beyond that it is to be closed at once.
    [[nodiscard]] bool is_hopeless() const { return standing_ == Standing::hopeless; }

  private:
    friend class ConnectionLimits;
    enum class Standing : std::uint8_t { fits, one_too_many, hopeless };

    void give_back();

    std::shared_ptr<Counts> counts_;
    std::optional<RemoteAddress> address_;
    Standing standing_ = Standing::fits;
};

}  // namespace headwater
