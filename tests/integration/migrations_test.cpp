#include "postgres/migrations.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using postgres::DatabaseRefused;

class MigrationsTest : public ::testing::Test {
  protected:
    std::int64_t count(const std::string& what) {
        postgres::Connection connection(settings_);
        return connection.query("select count(*) from " + what)[0][0].as<std::int64_t>();
    }

    postgres::ConnectionSettings settings_{.url = shared_postgres().create_database()};
};

TEST_F(MigrationsTest, RunAgainChangesNothing) {
    postgres::migrate(settings_);
    postgres::migrate(settings_);
    EXPECT_EQ(count("headwater.migrations"), static_cast<std::int64_t>(postgres::kMigrations.size()));
}

TEST_F(MigrationsTest, TwoNodesMayMigrateAtOnce) {
    std::vector<std::jthread> nodes;
    for (int i = 0; i < 3; ++i) {
        nodes.emplace_back([&] { EXPECT_NO_THROW(postgres::migrate(settings_)); });
    }
    nodes.clear();
    EXPECT_EQ(count("headwater.migrations"), static_cast<std::int64_t>(postgres::kMigrations.size()));
}

TEST_F(MigrationsTest, AFailingFileLeavesNothingOfItself) {
    const EmbeddedFile files[] = {{"001_a.sql", "create table headwater.a (i int);"},
                                  {"002_b.sql", "create table headwater.b (i int); select nonsense;"}};
    EXPECT_THROW(postgres::migrate(settings_, files), std::runtime_error);
    EXPECT_EQ(count("headwater.migrations"), 1);
    EXPECT_EQ(count("pg_class where relname = 'b'"), 0);
}

TEST_F(MigrationsTest, ASchemaOneVersionAheadIsUsedAndTwoAreRefused) {
    const EmbeddedFile files[] = {
        {"001_a.sql", "select 1;"}, {"002_b.sql", "select 1;"}, {"003_c.sql", "select 1;"}};
    const std::span<const EmbeddedFile> all(files);
    postgres::migrate(settings_, all);
    EXPECT_NO_THROW(postgres::migrate(settings_, all.first(2)));
    EXPECT_THROW(postgres::migrate(settings_, all.first(1)), DatabaseRefused);
}

TEST_F(MigrationsTest, AServerWithoutFsyncIsRefused) {
    const PostgresServer careless(Durability::none);
    EXPECT_THROW(postgres::migrate({.url = careless.url()}), DatabaseRefused);
}

}  // namespace
}  // namespace headwater::testing
