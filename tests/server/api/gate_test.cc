#include "server/api/gate.h"

#include <gmock/gmock.h>
#include <grpcpp/test/server_context_test_spouse.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "common/sha256.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

// Knows the one token "secret", of the user "ann".
Gate TokenGate() {
  return Gate(Authenticator::ForTokens(
      [](const std::string& sha256_hex) -> absl::StatusOr<std::optional<std::string>> {
        if (sha256_hex == Sha256Hex("secret")) {
          return "ann";
        }
        return std::nullopt;
      }));
}

class GateTest : public ::testing::Test {
 protected:
  grpc::ServerContext context_;
  grpc::testing::ServerContextTestSpouse client_{&context_};
};

TEST_F(GateTest, PrivateSocketAdmitsEverybodyAsLocal) {
  const Gate gate(Authenticator::ForPrivateSocket());
  ASSERT_THAT(gate.Admit(context_), IsOk());
  EXPECT_EQ(gate.Admit(context_)->user, "local");
}

TEST_F(GateTest, TokenTellsTheUser) {
  client_.AddClientMetadata("authorization", "Bearer secret");
  const auto caller = TokenGate().Admit(context_);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->user, "ann");
}

TEST_F(GateTest, CallWithoutTheHeaderIsToldHowToGiveAToken) {
  client_.AddClientMetadata("x-authorization", "Bearer secret");
  EXPECT_THAT(TokenGate().Admit(context_),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("--token-file")));
}

TEST_F(GateTest, WrongTokenIsRefusedAndNotRepeated) {
  client_.AddClientMetadata("authorization", "Bearer secretive");
  const auto caller = TokenGate().Admit(context_);
  EXPECT_THAT(caller,
              StatusIs(absl::StatusCode::kUnauthenticated, ::testing::Not(HasSubstr("secretive"))));
}

TEST_F(GateTest, FailingLookUpAdmitsNobody) {
  client_.AddClientMetadata("authorization", "Bearer secret");
  const Gate gate(Authenticator::ForTokens(
      [](const std::string&) { return absl::InternalError("database: disk I/O error"); }));
  EXPECT_THAT(gate.Admit(context_), StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace cusp::server
