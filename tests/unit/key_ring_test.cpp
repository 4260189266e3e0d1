#include "core/key_ring.hpp"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"

namespace headwater {
namespace {

using namespace std::chrono_literals;

/// Keys in memory, as PostgreSQL would have them.
class MemoryKeyStore final : public KeyStore {
  public:
    KeySet set;
    std::vector<KeyUse> uses;

    std::string add(std::int64_t id, std::optional<Timestamp> expires_at = {}) {
        StoredKey stored;
        stored.key.id = KeyId{id};
        stored.key.definition.name = "key" + std::to_string(id);
        stored.key.definition.grants = {{Scope::read, std::nullopt}};
        stored.key.definition.expires_at = expires_at;
        const std::string secret = make_key_secret();
        stored.hash = hash_of_key_secret(secret);
        set.keys.push_back(stored);
        set.is_enforced = true;
        ++set.version;
        return secret;
    }
    std::optional<KeySet> load(std::optional<std::int64_t> known) override {
        return known == set.version ? std::nullopt : std::optional(set);
    }
    void save_uses(std::span<const KeyUse> used) override { uses.assign(used.begin(), used.end()); }
    std::expected<ApiKey, std::string> create(const KeyDefinition&, const NewSecret&) override { return {}; }
    std::vector<ApiKey> list() override { return {}; }
    std::optional<ApiKey> revoke(std::string_view) override { return {}; }
    std::optional<ApiKey> rotate(std::string_view, const NewSecret&, std::chrono::seconds) override {
        return {};
    }
    void disable() override {}
    bool is_enforced() override { return set.is_enforced; }
};

class KeyRingTest : public ::testing::Test {
  protected:
    KeyRingTest() { set_up(ring); }
    void set_up(KeyRing& one) {
        one.add_listener([this](const KeyView&) { ++told; });
        store.set.session_secret = "secret of all nodes";
    }
    AccessPtr find(std::string_view credential) { return ring.view()->find(credential, clock.now()); }

    testing::ManualClock clock;
    MemoryKeyStore store;
    int told = 0;
    KeyRing ring{store, clock, {}};
};

TEST_F(KeyRingTest, IsOpenUntilKeysAreEnforced) {
    EXPECT_FALSE(ring.view()->is_open()) << "before it has looked";
    ring.refresh();
    EXPECT_TRUE(ring.view()->is_open());
    const std::string secret = store.add(1);
    ring.refresh();
    EXPECT_FALSE(ring.view()->is_open());
    EXPECT_EQ(told, 1) << "whoever came without a key has to go";
    ASSERT_NE(find(secret), nullptr);
    EXPECT_EQ(find(secret)->name, "key1");
    EXPECT_EQ(find(secret + "x"), nullptr);
    EXPECT_EQ(find(""), nullptr);
}

TEST_F(KeyRingTest, LetsNobodyInWithoutKeysWhereItMayNotBeOpen) {
    KeyRing careful(store, clock, {.may_open = false});
    careful.refresh();
    EXPECT_FALSE(careful.view()->is_open());
}

TEST_F(KeyRingTest, EndsWhatARevokedKeyHasOpenedAndNothingElse) {
    const std::string gone = store.add(1);
    const std::string kept = store.add(2);
    ring.refresh();
    const AccessPtr held = find(gone);
    const AccessPtr other = find(kept);
    const auto generation = ring.generation();
    store.set.keys.erase(store.set.keys.begin());
    ++store.set.version;
    ring.refresh();
    EXPECT_GT(ring.generation(), generation);
    EXPECT_TRUE(held->has_ended);
    EXPECT_FALSE(other->has_ended);
    EXPECT_EQ(find(kept), other) << "the same object, so that its connections stay";
    EXPECT_EQ(find(gone), nullptr);
    EXPECT_EQ(told, 1);
}

TEST_F(KeyRingTest, EndsAKeyThatExpiresWithoutTheDatabase) {
    const std::string secret = store.add(1, clock.now() + 1h);
    ring.refresh();
    const AccessPtr held = find(secret);
    ring.expire();
    EXPECT_FALSE(held->has_ended);
    clock.pass(1h);
    EXPECT_EQ(find(secret), nullptr);
    ring.expire();
    EXPECT_TRUE(held->has_ended);
    EXPECT_EQ(told, 1);
    ring.expire();
    EXPECT_EQ(told, 1);
}

TEST_F(KeyRingTest, KeepsTheOldSecretOfARotationForItsGrace) {
    const std::string old_secret = store.add(1);
    ring.refresh();
    const AccessPtr held = find(old_secret);
    const std::string new_secret = make_key_secret();
    StoredKey& stored = store.set.keys.front();
    stored.old_hash = stored.hash;
    stored.old_until = clock.now() + 1h;
    stored.hash = hash_of_key_secret(new_secret);
    ++store.set.version;
    ring.refresh();
    EXPECT_NE(find(new_secret), nullptr);
    EXPECT_EQ(find(old_secret), held);
    EXPECT_EQ(find(new_secret)->meter, held->meter) << "one bucket for both";
    EXPECT_FALSE(held->has_ended);
    clock.pass(1h);
    ring.expire();
    EXPECT_TRUE(held->has_ended);
    EXPECT_NE(find(new_secret), nullptr);
}

TEST_F(KeyRingTest, GivesSessionsThatDieWithTheirTimeTheirKeyAndItsSecret) {
    const std::string secret = store.add(1);
    ring.refresh();
    const auto until = std::chrono::ceil<std::chrono::seconds>(clock.now() + 1h);
    const std::string token = ring.view()->make_session(*find(secret), until);
    EXPECT_EQ(find(token), find(secret));
    EXPECT_EQ(ring.view()->find_key(token, clock.now()), nullptr) << "a session makes no session";
    EXPECT_EQ(find(token.substr(0, token.size() - 1)), nullptr);
    std::string longer = token;
    longer.replace(longer.find('.') + 1, 1, "9");
    EXPECT_EQ(find(longer), nullptr);
    for (const char* nonsense : {"hws_", "hws_1", "hws_1.2", "hws_1.2.", "hws_..", "hws_-1.99999999999.x"})
        EXPECT_EQ(find(nonsense), nullptr) << nonsense;

    KeyRing other_node(store, clock, {});
    other_node.refresh();
    EXPECT_NE(other_node.view()->find(token, clock.now()), nullptr);

    EXPECT_EQ(ring.view()->find(token, clock.now() + 2h), nullptr);
    store.set.keys.front().hash = hash_of_key_secret(make_key_secret());
    ++store.set.version;
    ring.refresh();
    EXPECT_EQ(find(token), nullptr) << "rotated";
}

TEST_F(KeyRingTest, SavesWhenKeysWereUsedOnce) {
    const std::string secret = store.add(1);
    ring.refresh();
    ring.save_uses();
    EXPECT_TRUE(store.uses.empty());
    find(secret)->meter->note_use(std::chrono::floor<std::chrono::seconds>(clock.now()));
    ring.save_uses();
    ASSERT_EQ(store.uses.size(), 1U);
    EXPECT_EQ(store.uses[0].key, KeyId{1});
    store.uses.clear();
    ring.save_uses();
    EXPECT_TRUE(store.uses.empty());
}

TEST(RequestRate, IsWrittenAsItIsRead) {
    for (const char* text : {"1/s", "1000/s", "600/min", "5000/h"})
        EXPECT_EQ(to_string(parse_request_rate(text).value()), text);
    for (const char* bad : {"", "0/s", "-1/s", "1", "1/", "1/day", "1.5/s", "1/s ", "9999999/s"})
        EXPECT_FALSE(parse_request_rate(bad)) << bad;
}

TEST(KeyMeter, LetsTheWholeBucketThroughAtOnceThenOneAtATime) {
    KeyMeter meter;
    const RequestRate rate{10, 1s};
    const KeyMeter::SteadyTime now{1h};
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(meter.wait_for_place(rate, now)) << i;
    EXPECT_EQ(meter.wait_for_place(rate, now), 100ms);
    EXPECT_EQ(meter.wait_for_place(rate, now + 40ms), 60ms);
    EXPECT_FALSE(meter.wait_for_place(rate, now + 100ms));
    EXPECT_TRUE(meter.wait_for_place(rate, now + 100ms));
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(meter.wait_for_place(rate, now + 1h)) << i;
    EXPECT_TRUE(meter.wait_for_place(rate, now + 1h));
}

TEST(ApiKey, SecretsAreLongAndEachIsAnother) {
    const std::string one = make_key_secret();
    EXPECT_EQ(one.size(), 46U);
    EXPECT_TRUE(one.starts_with("hw_"));
    EXPECT_NE(one, make_key_secret());
    EXPECT_NE(hash_of_key_secret(one), hash_of_key_secret(make_key_secret()));
    EXPECT_TRUE(one.starts_with(shown_part_of(one)));
    EXPECT_LT(shown_part_of(one).size(), 12U);
}

}  // namespace
}  // namespace headwater
