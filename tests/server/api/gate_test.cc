#include "server/api/gate.h"

#include <gmock/gmock.h>
#include <grpcpp/test/server_context_test_spouse.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "common/sha256.h"
#include "common/status_macros.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

const std::string kSecret(64, 'a');

class GateTest : public ::testing::Test {
 protected:
  // Knows one token, of the user "ann".
  Gate TokenGate(const OpenCalls& calls = {}) {
    return Gate(
        Authenticator::ForTokens(
            [this](const std::string& sha256_hex) -> absl::StatusOr<std::optional<TokenFacts>> {
              CUSP_RETURN_IF_ERROR(lookup_);
              if (sha256_hex != Sha256Hex(kSecret)) {
                return std::optional<TokenFacts>();
              }
              return TokenFacts{.id = 1, .user = "ann", .role = role_};
            },
            clock_),
        calls);
  }
  void SendToken() { client_.AddClientMetadata("authorization", "Bearer " + kSecret); }

  FakeClock clock_;
  Role role_ = Role::kSubmitter;
  absl::Status lookup_;
  grpc::ServerContext context_;
  grpc::testing::ServerContextTestSpouse client_{&context_};
};

TEST_F(GateTest, PrivateSocketAdmitsEverybodyAsLocal) {
  const Gate gate(Authenticator::ForPrivateSocket());
  const auto caller = gate.Admit(context_, Permission::kAdminister);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->user, "local");
  EXPECT_EQ(caller->slot, nullptr) << "no limits";
}

TEST_F(GateTest, TokenTellsTheUser) {
  SendToken();
  const auto caller = TokenGate().Admit(context_, Permission::kSubmit);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->user, "ann");
}

TEST_F(GateTest, RoleDecidesWhatIsAdmitted) {
  SendToken();
  EXPECT_THAT(TokenGate().Admit(context_, Permission::kAdminister),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("submitter")));
  role_ = Role::kAdmin;
  EXPECT_THAT(TokenGate().Admit(context_, Permission::kAdminister), IsOk());
}

TEST_F(GateTest, CallWithoutTheHeaderIsToldHowToGiveAToken) {
  client_.AddClientMetadata("x-authorization", "Bearer " + kSecret);
  EXPECT_THAT(TokenGate().Admit(context_, Permission::kRead),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("--token-file")));
}

TEST_F(GateTest, FailingLookUpAdmitsNobody) {
  SendToken();
  lookup_ = absl::InternalError("database: disk I/O error");
  EXPECT_THAT(TokenGate().Admit(context_, Permission::kRead),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(GateTest, CallsCountForAsLongAsTheirCallerLives) {
  SendToken();
  const Gate gate = TokenGate(OpenCalls({.calls = 1, .watches = 1, .worker_calls = 1}));
  {
    const auto first = gate.Admit(context_, Permission::kRead);
    ASSERT_THAT(first, IsOk());
    EXPECT_THAT(gate.Admit(context_, Permission::kSubmit),
                StatusIs(absl::StatusCode::kResourceExhausted));
    // Watches are counted apart.
    const auto watch = gate.AdmitLasting(context_, Permission::kRead);
    EXPECT_THAT(watch, IsOk());
    EXPECT_THAT(gate.AdmitLasting(context_, Permission::kRead),
                StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("watched")));
  }
  EXPECT_THAT(gate.Admit(context_, Permission::kSubmit), IsOk());
}

}  // namespace
}  // namespace cusp::server
