#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/contract/deliveries_under_test.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {

/// PostgreSQL's stores in a database of their own.
class PostgresDeliveries final : public DeliveriesUnderTest {
  public:
    PostgresDeliveries() {
        database_.sql().run("select setval('headwater.log_head', " + to_string(kHead) + ")");
    }
    TestDatabase& database() { return database_; }
    DeliveryStore& deliveries() override { return database_->delivery_store(); }
    LeaseStore& leases() override { return database_->lease_store(); }
    StreamId add_stream(StreamOrder order) override {
        StreamDefinition definition;
        definition.name = "s" + std::to_string(++added_);
        definition.source = "rabbit";
        definition.destination = "{}";
        definition.order = order;
        definition.start.kind = StreamStart::Kind::beginning;
        return database_->registry_store().put_stream("", definition, std::nullopt).value().id;
    }
    /// Many at once, past the registry.
    void add_streams(int count) {
        database_.sql().run(
            "insert into headwater.streams (name, source, destination, stream_order, cursor_id, cursor_at) "
            "select 'many-' || gen_random_uuid(), 'webhook', "
            "'{\"uri\":\"http://example.test/a/b/c\",\"secret\":\"' || "
            "repeat('x', 40) || '\"}', 'loose', 0, 'epoch' from generate_series(1, " +
            std::to_string(count) + ") n");
    }
    void remove_stream(StreamId stream) override {
        ASSERT_TRUE(database_->registry_store().remove_stream(stream));
    }
    void expire(std::int64_t process) override {
        database_.sql().run(
            "update headwater.leases set expires_at = clock_timestamp() - interval '1 microsecond' "
            "where process = " +
            std::to_string(process));
    }

  private:
    TestDatabase database_;
    int added_ = 0;
};

}  // namespace headwater::testing
