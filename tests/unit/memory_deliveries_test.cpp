#include "tests/support/memory_deliveries.hpp"

#include "tests/contract/delivery_store_contract.hpp"
#include "tests/contract/lease_store_contract.hpp"

namespace headwater::testing {
namespace {

class InMemory final : public DeliveriesUnderTest {
  public:
    InMemory() { stores_.set_head(kHead); }
    DeliveryStore& deliveries() override { return stores_; }
    LeaseStore& leases() override { return stores_; }
    StreamId add_stream(StreamOrder order) override {
        Stream stream;
        stream.id = StreamId{++last_};
        stream.definition.order = order;
        stores_.put(stream);
        return stream.id;
    }
    void remove_stream(StreamId stream) override { stores_.remove(stream); }
    void expire(std::int64_t process) override { stores_.expire(process); }

  private:
    SystemClock clock_;
    MemoryDeliveries stores_{clock_};
    std::int64_t last_ = 0;
};

const auto kMake = [] { return std::unique_ptr<DeliveriesUnderTest>(std::make_unique<InMemory>()); };

INSTANTIATE_TEST_SUITE_P(Memory, DeliveryStoreContract, ::testing::Values(kMake));
INSTANTIATE_TEST_SUITE_P(Memory, LeaseStoreContract, ::testing::Values(kMake));

}  // namespace
}  // namespace headwater::testing
