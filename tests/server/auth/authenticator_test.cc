#include "server/auth/authenticator.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/sha256.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Authenticator ForToken(const std::string& token) {
  return Authenticator::ForTokens([hash = Sha256Hex(token)](const std::string& sha256_hex)
                                      -> absl::StatusOr<std::optional<std::string>> {
    return sha256_hex == hash ? std::optional<std::string>("admin") : std::nullopt;
  });
}

TEST(AuthenticatorTest, PrivateSocketNeedsNoToken) {
  EXPECT_EQ(Authenticator::ForPrivateSocket().Check(std::nullopt)->user, "local");
}

TEST(AuthenticatorTest, TokenTellsTheUser) {
  EXPECT_EQ(ForToken("secret").Check("Bearer secret")->user, "admin");
}

TEST(AuthenticatorTest, EverythingElseIsUnauthenticatedAndNotEchoed) {
  for (const char* header :
       {"", "Bearer ", "Bearer guess", "secret", "Basic secret", "Bearer secret "}) {
    EXPECT_THAT(ForToken("secret").Check(header),
                StatusIs(absl::StatusCode::kUnauthenticated, Not(HasSubstr("guess"))))
        << header;
  }
  EXPECT_THAT(ForToken("secret").Check(std::nullopt),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("--token-file")));
}

TEST(AuthenticatorTest, TokensAre256BitsAndDiffer) {
  EXPECT_EQ(NewToken().size(), 64U);
  EXPECT_NE(NewToken(), NewToken());
}

TEST(AuthenticatorTest, TokenFileIsPrivateAndNeverOverwritten) {
  TempDir dir;
  const std::string path = dir.Join("token");
  ASSERT_THAT(WriteTokenFile(path, "secret"), IsOk());
  EXPECT_THAT(WriteTokenFile(path, "other"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(ReadPrivateFile(path), IsOkAndHolds("secret\n"));
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_THAT(ReadPrivateFile(path),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")));
}

}  // namespace
}  // namespace cusp::server
