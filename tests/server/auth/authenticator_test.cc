#include "server/auth/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sha256.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kSecret(64, 'a');

class AuthenticatorTest : public ::testing::Test {
 protected:
  Authenticator ForToken() {
    return Authenticator::ForTokens(
        [this](const std::string& sha256_hex) -> absl::StatusOr<std::optional<TokenFacts>> {
          ++lookups_;
          return sha256_hex == Sha256Hex(kSecret) ? std::optional<TokenFacts>(facts_)
                                                  : std::nullopt;
        },
        clock_);
  }

  absl::StatusOr<Caller> Check(const std::string& header) { return ForToken().Check(header); }

  FakeClock clock_;
  TokenFacts facts_{.id = 7, .user = "ann", .role = Role::kSubmitter};
  int lookups_ = 0;
};

TEST_F(AuthenticatorTest, PrivateSocketNeedsNoTokenAndMayAll) {
  const auto caller = Authenticator::ForPrivateSocket().Check(std::nullopt);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->user, "local");
  EXPECT_TRUE(caller->is_admin());
}

TEST_F(AuthenticatorTest, TokenTellsUserAndRole) {
  const auto caller = Check("Bearer " + kSecret);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->user, "ann");
  EXPECT_EQ(caller->role, Role::kSubmitter);
  EXPECT_EQ(caller->token_id, 7);
  EXPECT_FALSE(caller->is_admin());
}

TEST_F(AuthenticatorTest, EverythingElseIsUnauthenticatedAndNotEchoed) {
  const std::string guess(64, 'b');
  for (const std::string& header :
       {std::string(), std::string("Bearer "), "Bearer " + guess, kSecret, "Basic " + kSecret,
        "Bearer " + kSecret + " ", "bearer " + kSecret}) {
    EXPECT_THAT(Check(header), StatusIs(absl::StatusCode::kUnauthenticated,
                                        AllOf(Not(HasSubstr("bbbb")), Not(HasSubstr("aaaa")))))
        << header;
  }
  EXPECT_THAT(ForToken().Check(std::nullopt),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("--token-file")));
}

TEST_F(AuthenticatorTest, WhatCannotBeATokenCostsNoLookup) {
  for (const std::string& text : {std::string("short"), std::string(63, 'a'), std::string(65, 'a'),
                                  std::string(64, 'A'), std::string(8000, 'a')}) {
    EXPECT_THAT(Check("Bearer " + text), StatusIs(absl::StatusCode::kUnauthenticated));
  }
  EXPECT_EQ(lookups_, 0);
}

TEST_F(AuthenticatorTest, ExpiredAndRevokedTokensAreAsUnknownOnes) {
  const absl::Status unknown = Check("Bearer " + std::string(64, 'b')).status();
  facts_.expire_time_us = clock_.WallMicros() + 1;
  EXPECT_THAT(Check("Bearer " + kSecret), IsOk());
  facts_.expire_time_us = clock_.WallMicros();
  EXPECT_EQ(Check("Bearer " + kSecret).status(), unknown);
  facts_.expire_time_us.reset();
  facts_.is_revoked = true;
  EXPECT_EQ(Check("Bearer " + kSecret).status(), unknown);
}

TEST_F(AuthenticatorTest, TokensAre256BitsAndDiffer) {
  EXPECT_EQ(NewToken().size(), 64U);
  EXPECT_NE(NewToken(), NewToken());
}

}  // namespace
}  // namespace cusp::server
