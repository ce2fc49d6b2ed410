#include "server/api/stored_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "common/secret_file.h"
#include "common/sha256.h"
#include "server/store/tokens.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

class StoredTokensTest : public ::testing::Test {
 protected:
  StoredTokensTest() {
    auto folder = DataFolder::Open(dir_.Join("data"));
    EXPECT_THAT(folder, IsOk());
    auto store = Store::Open(*std::move(folder), clock_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  std::string TokenPath() const { return dir_.Join("data/admin.token"); }

  std::optional<Token> Find(const std::string& secret) {
    const auto token = store_->Read<std::optional<Token>>(
        [&](Database& db) { return FindToken(db, Sha256Hex(secret)); });
    EXPECT_THAT(token, IsOk());
    return token.ok() ? *token : std::nullopt;
  }

  absl::Status Revoke(int64_t id) {
    return store_->WriteAndWait(
        [id](Transaction& tx) { return RevokeToken(tx, id, "test").status(); });
  }

  // Behind the writes that a lookup may have left under way.
  void WaitForWrites() {
    EXPECT_THAT(store_->WriteAndWait([](Transaction&) { return absl::OkStatus(); }), IsOk());
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoredTokensTest, AdministratorsTokenIsMadeOnce) {
  ASSERT_THAT(EnsureAdminToken(*store_), IsOk());
  const std::string secret = *ReadSecretFile(TokenPath());
  const auto token = Find(secret);
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->user, "admin");
  EXPECT_EQ(static_cast<Role>(token->role), Role::kAdmin);
  ASSERT_THAT(Revoke(token->id), IsOk());
  ASSERT_THAT(EnsureAdminToken(*store_), IsOk());
  EXPECT_EQ(*ReadSecretFile(TokenPath()), secret) << "a revoked one is not brought back";
  EXPECT_TRUE(Find(secret)->revoke_time_us.has_value());
}

TEST_F(StoredTokensTest, FileOfAStartThatDiedIsTaken) {
  ASSERT_THAT(CreateSecretFile(TokenPath(), std::string(64, 'a') + "\n"), IsOk());
  ASSERT_THAT(EnsureAdminToken(*store_), IsOk());
  EXPECT_TRUE(Find(std::string(64, 'a')).has_value());
}

TEST_F(StoredTokensTest, LookupTellsWhatIsStoredNow) {
  ASSERT_THAT(EnsureAdminToken(*store_), IsOk());
  const std::string secret = *ReadSecretFile(TokenPath());
  const TokenLookup lookup = LookupIn(*store_, clock_);
  const auto found = lookup(Sha256Hex(secret));
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_FALSE((*found)->is_revoked);
  ASSERT_THAT(Revoke((*found)->id), IsOk());
  EXPECT_TRUE((*lookup(Sha256Hex(secret)))->is_revoked);
  EXPECT_FALSE(lookup(Sha256Hex("guess"))->has_value());
}

TEST_F(StoredTokensTest, UseIsNotedToTheHour) {
  ASSERT_THAT(EnsureAdminToken(*store_), IsOk());
  const std::string secret = *ReadSecretFile(TokenPath());
  const TokenLookup lookup = LookupIn(*store_, clock_);
  const auto use = [&] {
    EXPECT_THAT(lookup(Sha256Hex(secret)), IsOk());
    WaitForWrites();
    return Find(secret)->last_use_time_us;
  };
  const auto first = use();
  EXPECT_EQ(first, clock_.WallMicros());
  clock_.Advance(std::chrono::minutes(59));
  EXPECT_EQ(use(), first);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(use(), clock_.WallMicros());
  ASSERT_THAT(Revoke(Find(secret)->id), IsOk());
  clock_.Advance(std::chrono::hours(2));
  EXPECT_LT(use(), clock_.WallMicros()) << "a refused call is no use";
}

}  // namespace
}  // namespace cusp::server
