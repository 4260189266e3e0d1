#include "tests/contract/event_log_contract.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

class PostgresLog final : public LogUnderTest {
  public:
    LogWriter& writer() override { return *writer_; }
    LogWriter& other_writer() override { return *other_writer_; }
    LogReader& reader() override { return database_->log_reader(); }
    EventTypePtr register_type(const std::string& name, std::string_view ttl) override {
        return database_.register_type(name, ttl);
    }
    void remove_type(const std::string& name) override {
        ASSERT_TRUE(database_->registry_store().remove_type(name, std::nullopt));
    }

  private:
    TestDatabase database_;
    std::unique_ptr<LogWriter> writer_ = database_->make_log_writer();
    std::unique_ptr<LogWriter> other_writer_ = database_->make_log_writer();
};

INSTANTIATE_TEST_SUITE_P(Postgres, EventLogContract, ::testing::Values([] {
                             return std::unique_ptr<LogUnderTest>(std::make_unique<PostgresLog>());
                         }));

}  // namespace
}  // namespace headwater::testing
