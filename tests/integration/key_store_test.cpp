// Keys in a real PostgreSQL.
#include "core/key_store.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/eventually.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;

class KeyStoreTest : public ::testing::Test {
  protected:
    KeyStoreTest() : store_(db_->key_store()) {}

    static KeyDefinition definition(const std::string& name = "shop") {
        return {.name = name,
                .grants = {{Scope::read, TypeFilter::parse("a:*,b").value()}, {Scope::send}},
                .rate = RequestRate{100, 1s},
                .expires_at = Timestamp(std::chrono::sys_days(std::chrono::year(2100) / 1 / 1))};
    }
    ApiKey create(const std::string& name = "shop", const std::string& secret = "hw_secret") {
        return store_.create(definition(name), {hash_of_key_secret(secret), "hw_sec"}).value();
    }
    KeySet load() { return store_.load(std::nullopt).value(); }

    TestDatabase db_;
    KeyStore& store_;
};

TEST_F(KeyStoreTest, IsOpenUntilTheFirstKeyAndAfterDisablingOnly) {
    EXPECT_FALSE(store_.is_enforced());
    EXPECT_FALSE(load().is_enforced);
    EXPECT_EQ(load().session_secret.size(), 32U);
    const ApiKey key = create();
    EXPECT_TRUE(load().is_enforced);
    EXPECT_TRUE(store_.revoke("shop"));
    EXPECT_TRUE(load().is_enforced) << "the last one was revoked";
    EXPECT_TRUE(load().keys.empty());
    store_.disable();
    EXPECT_FALSE(load().is_enforced);
}

TEST_F(KeyStoreTest, GivesBackWhatWasStored) {
    create();
    const KeySet set = load();
    ASSERT_EQ(set.keys.size(), 1U);
    const StoredKey& stored = set.keys[0];
    EXPECT_EQ(stored.hash, hash_of_key_secret("hw_secret"));
    EXPECT_FALSE(stored.old_hash);
    EXPECT_EQ(stored.key.definition.name, "shop");
    EXPECT_EQ(stored.key.definition.rate, definition().rate);
    EXPECT_EQ(stored.key.definition.expires_at, definition().expires_at);
    const Grants grants = to_grants(stored.key.definition.grants);
    EXPECT_TRUE(grants.allow(Scope::read, "a:x"));
    EXPECT_FALSE(grants.allow(Scope::read, "c"));
    EXPECT_TRUE(grants.allow(Scope::send, "c"));
    EXPECT_FALSE(grants.allow(Scope::admin));
    EXPECT_EQ(db_.number("select count(*) from headwater.keys k where k::text like '%secret%'"), 0);
}

TEST_F(KeyStoreTest, TellsTheVersionOnlyWhenItHasMoved) {
    const auto version = load().version;
    EXPECT_FALSE(store_.load(version));
    create();
    ASSERT_TRUE(store_.load(version));
    EXPECT_FALSE(store_.revoke("nobody"));
    EXPECT_FALSE(store_.load(load().version));
}

TEST_F(KeyStoreTest, GivesANameAgainOnceItsKeyIsRevoked) {
    const ApiKey first = create();
    EXPECT_FALSE(store_.create(definition(), {hash_of_key_secret("other"), "hw_oth"}));
    EXPECT_EQ(store_.revoke(to_string(first.id))->id, first.id) << "by its id";
    const ApiKey second = create("shop", "hw_second");
    EXPECT_NE(second.id, first.id);
    const auto all = store_.list();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].revoked_at);
    EXPECT_FALSE(all[1].revoked_at);
}

TEST_F(KeyStoreTest, KeepsTheOldSecretForTheGraceOfARotation) {
    create();
    ASSERT_TRUE(store_.rotate("shop", {hash_of_key_secret("new"), "hw_new"}, 1h));
    StoredKey stored = load().keys.at(0);
    EXPECT_EQ(stored.hash, hash_of_key_secret("new"));
    EXPECT_EQ(stored.old_hash, hash_of_key_secret("hw_secret"));
    ASSERT_TRUE(stored.old_until);
    EXPECT_GT(*stored.old_until, db_->clock_now() + 50min);
    ASSERT_TRUE(store_.rotate("shop", {hash_of_key_secret("newer"), "hw_nwr"}, 0s));
    stored = load().keys.at(0);
    EXPECT_FALSE(stored.old_hash);
    EXPECT_EQ(stored.key.shown, "hw_nwr");
}

TEST_F(KeyStoreTest, RemembersTheLatestUse) {
    const ApiKey key = create();
    const auto now = std::chrono::floor<std::chrono::seconds>(db_->clock_now());
    const KeyUse uses[] = {{key.id, now}};
    store_.save_uses(uses);
    const KeyUse earlier[] = {{key.id, now - 1h}};
    store_.save_uses(earlier);
    EXPECT_EQ(store_.list().at(0).last_used_at, now);
}

TEST_F(KeyStoreTest, TellsAllNodesOfAChange) {
    std::atomic<int> heard{0};
    const auto listener =
        db_->make_listener({.on_log = [] {}, .on_registry = [] {}, .on_keys = [&] { ++heard; }});
    ASSERT_TRUE(eventually(5s, [&] { return heard == 1; })) << "after connecting";
    create();
    EXPECT_TRUE(eventually(5s, [&] { return heard == 2; }));
}

}  // namespace
}  // namespace headwater::testing
