#pragma once

#include <optional>
#include <string>

#include "core/delivery_store.hpp"
#include "core/lease_store.hpp"

namespace headwater::testing {

/// A pair of stores to be tried, with no stream when it is made and a log whose head is kHead.
class DeliveriesUnderTest {
  public:
    static constexpr Position kHead{1'000};

    virtual ~DeliveriesUnderTest() = default;
    virtual DeliveryStore& deliveries() = 0;
    virtual LeaseStore& leases() = 0;
    virtual StreamId add_stream(StreamOrder order) = 0;  ///< from the log's beginning
    virtual void remove_stream(StreamId stream) = 0;
    virtual void expire(std::int64_t process) = 0;  ///< its lease has run out, and nobody has noticed

    /// What is stored of the stream, as everybody may read it.
    [[nodiscard]] StoredStanding stored(StreamId stream) {
        return deliveries().standings({&stream, 1}).at(0).value_or(StoredStanding{});
    }
    [[nodiscard]] Cursor cursor(StreamId stream) { return stored(stream).cursor; }
    [[nodiscard]] std::string owner(StreamId stream) { return stored(stream).owner; }
};

}  // namespace headwater::testing
