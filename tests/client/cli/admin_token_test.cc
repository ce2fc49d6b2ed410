#include "client/cli/admin_token.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "common/file.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "sesame";

class AdminTokenTest : public CliTest {
 protected:
  AdminTokenTest() {
    coordinator_.admin.create_token = [this](const auto& request, auto& response) {
      request_ = request;
      ++made_;
      response.mutable_token()->set_name("tokens/7");
      response.mutable_token()->set_user(request.user());
      response.mutable_token()->set_role(request.role());
      response.set_secret(secret_);
      return grpc::Status::OK;
    };
    coordinator_.admin.list_tokens = [](const auto&, auto& response) {
      v1::Token* token = response.add_tokens();
      token->set_name("tokens/7");
      token->set_user("ann");
      token->set_role(v1::Token::ROLE_READER);
      token->mutable_revoke_time()->set_seconds(5);
      return grpc::Status::OK;
    };
  }

  static CuspResult Create(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"admin", "token",  "create",   "--user",
                                          "ann",   "--role", "submitter"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return CallCusp(arguments);
  }

  std::string secret_ = kSecret;
  int made_ = 0;
  v1::CreateTokenRequest request_;
};

TEST_F(AdminTokenTest, SecretStandsAloneOnStandardOutput) {
  const CuspResult result = Create({"--expires", "90d"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "sesame\n");
  EXPECT_THAT(result.err, AllOf(HasSubstr("token 7 of ann"), Not(HasSubstr(kSecret))));
  EXPECT_EQ(request_.role(), v1::Token::ROLE_SUBMITTER);
  EXPECT_EQ(request_.lifetime().seconds(), 90 * 24 * 3600);
}

TEST_F(AdminTokenTest, OutputIsANewPrivateFile) {
  const std::string path = temp_.Join("ann.token");
  const CuspResult result = Create({"--output", path, "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(*ReadFile(path, 100), "sesame\n");
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_THAT(result.out, Not(HasSubstr(kSecret)));
}

TEST_F(AdminTokenTest, NoTokenIsMadeWhereItsFileCannotBe) {
  const std::string taken = temp_.Write("taken", "precious");
  const CuspResult existing = Create({"--output", taken});
  EXPECT_EQ(existing.code, kExitUsage);
  EXPECT_THAT(existing.err, AllOf(HasSubstr("taken: exists already"), HasSubstr("another name")));
  EXPECT_EQ(*ReadFile(taken, 100), "precious");
  const CuspResult nowhere = Create({"--output", temp_.Join("nothing/token")});
  EXPECT_EQ(nowhere.code, kExitUsage);
  EXPECT_THAT(nowhere.err, HasSubstr("--output"));
  EXPECT_EQ(made_, 0);
}

TEST_F(AdminTokenTest, NoFileStaysWhereNoTokenWasMade) {
  const std::string path = temp_.Join("ann.token");
  secret_.clear();
  EXPECT_NE(Create({"--output", path}).code, 0);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
  coordinator_.admin.create_token = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no");
  };
  EXPECT_EQ(Create({"--output", path}).code, kExitNotAllowed);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST_F(AdminTokenTest, JsonHasTheSecretOnce) {
  EXPECT_EQ(nlohmann::json::parse(Create({"--json"}).out)["token"], kSecret);
  const std::string list = CallCusp({"admin", "token", "list", "--json"}).out;
  EXPECT_EQ(nlohmann::json::parse(list)["tokens"][0]["state"], "revoked");
  EXPECT_THAT(list, Not(HasSubstr(kSecret)));
}

TEST_F(AdminTokenTest, SecretThatWasLostIsSaid) {
  secret_.clear();
  const CuspResult result = Create();
  EXPECT_EQ(result.code, kExitUnexpected);
  EXPECT_THAT(result.err, HasSubstr("token 7 was made, but its secret was lost"));
}

TEST_F(AdminTokenTest, ListIsATable) {
  EXPECT_THAT(CallCusp({"admin", "token", "list"}).out,
              HasSubstr("7   ann   reader  revoked  -        never    -"));
}

TEST_F(AdminTokenTest, RevokeTakesTheNumberOrTheName) {
  coordinator_.admin.revoke_token = [](const auto& request, auto& response) {
    EXPECT_EQ(request.name(), "tokens/7");
    response.mutable_token()->set_name("tokens/7");
    response.mutable_token()->set_user("ann");
    return grpc::Status::OK;
  };
  EXPECT_EQ(CallCusp({"admin", "token", "revoke", "7"}).out, "token 7 of ann revoked\n");
  EXPECT_EQ(CallCusp({"admin", "token", "revoke", "tokens/7"}).code, 0);
}

TEST_F(AdminTokenTest, BadUsageIsRefusedBeforeAnyCall) {
  EXPECT_EQ(CallCusp({"admin", "token", "create", "--user", "ann"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"admin", "token", "create", "--user", "ann", "--role", "root"}).code,
            kExitUsage);
  EXPECT_EQ(Create({"--expires", "soon"}).code, kExitUsage);
  EXPECT_EQ(request_.user(), "");
}

TEST_F(AdminTokenTest, RefusalEndsWithItsCode) {
  coordinator_.admin.list_tokens = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "ask an administrator");
  };
  EXPECT_EQ(CallCusp({"admin", "token", "list"}).code, kExitNotAllowed);
}

}  // namespace
}  // namespace cusp::client
