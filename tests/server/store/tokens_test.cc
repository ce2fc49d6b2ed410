#include "server/store/tokens.h"

#include "common/sha256.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class TokensTest : public DatabaseTest {
 protected:
  Token Make(const std::string& user, int role, const std::string& secret) {
    Transaction tx = Tx();
    const auto token =
        InsertToken(tx, {.user = user, .role = role, .sha256_hex = Sha256Hex(secret)}, "boss");
    EXPECT_THAT(token, IsOk());
    return token.ok() ? *token : Token();
  }
};

TEST_F(TokensTest, TokensAreFoundByTheirHashAlone) {
  const Token made = Make("ann", 2, "secret");
  const auto found = FindToken(*db_, Sha256Hex("secret"));
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->id, made.id);
  EXPECT_EQ((*found)->user, "ann");
  EXPECT_EQ((*found)->role, 2);
  EXPECT_EQ((*found)->create_time_us, 1000);
  EXPECT_FALSE((*found)->expire_time_us.has_value());
  EXPECT_FALSE((*FindToken(*db_, Sha256Hex("guess"))).has_value());
}

TEST_F(TokensTest, HasTokenOfCountsRevokedOnesToo) {
  EXPECT_THAT(HasTokenOf(*db_, 4), IsOkAndHolds(false));
  const Token made = Make("ann", 4, "secret");
  Transaction tx = Tx();
  ASSERT_THAT(RevokeToken(tx, made.id, "boss"), IsOk());
  EXPECT_THAT(HasTokenOf(*db_, 4), IsOkAndHolds(true));
  EXPECT_THAT(HasTokenOf(*db_, 1), IsOkAndHolds(false));
}

TEST_F(TokensTest, RevocationKeepsItsFirstMoment) {
  const Token made = Make("ann", 2, "secret");
  Transaction tx = Tx();
  ASSERT_THAT(RevokeToken(tx, made.id, "boss"), IsOk());
  tx.now_us = 2000;
  const auto again = RevokeToken(tx, made.id, "boss");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->revoke_time_us, 1000);
  EXPECT_THAT(RevokeToken(tx, 99, "boss"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("99")));
  EXPECT_EQ(Count("audit"), 2) << "made and revoked, once each";
}

TEST_F(TokensTest, UseIsNoted) {
  const Token made = Make("ann", 2, "secret");
  Transaction tx = Tx();
  tx.now_us = 5000;
  ASSERT_THAT(TouchToken(tx, made.id), IsOk());
  EXPECT_EQ((*FindToken(*db_, Sha256Hex("secret")))->last_use_time_us, 5000);
}

TEST_F(TokensTest, ListGoesOnAfterAnId) {
  const Token first = Make("ann", 2, "a");
  const Token second = Make("ann", 3, "b");
  const auto all = ListTokens(*db_, 0, 10);
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->size(), 2U);
  const auto rest = ListTokens(*db_, first.id, 10);
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ(rest->front().id, second.id);
}

}  // namespace
}  // namespace cusp::server
