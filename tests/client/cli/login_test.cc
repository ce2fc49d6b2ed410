#include "client/cli/login.h"

#include <fcntl.h>
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

class LoginCommandTest : public CliTest {
 protected:
  LoginCommandTest() {
    unsetenv("CUSP_SERVER");
    coordinator_.admin.get_caller = [this](const auto&, auto& response) {
      response.set_user("ann");
      response.set_role(v1::Token::ROLE_SUBMITTER);
      return answer_;
    };
    coordinator_.jobs.list = [](const auto&, auto&) { return grpc::Status::OK; };
  }
  std::string Config() const {
    return ReadFile(temp_.Join(".config/cusp/config.yaml"), 10000).value_or("");
  }

  grpc::Status answer_;
};

TEST_F(LoginCommandTest, LaterCallsNeedNoFlags) {
  const CuspResult result = CallCusp({"login", "--server", address()});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("as ann (submitter)"));
  EXPECT_THAT(Config(), HasSubstr(address()));
  EXPECT_EQ(CallCusp({"list"}).code, 0);
  EXPECT_EQ(CallCusp({"login", "--logout"}).code, 0);
  EXPECT_EQ(Config(), "");
  EXPECT_EQ(CallCusp({"login", "--logout"}).code, 0);
}

TEST_F(LoginCommandTest, TokenOfAFileIsCopiedAndNeverPrinted) {
  const std::string token = temp_.Write("mine", "sesame\n");
  ASSERT_EQ(chmod(token.c_str(), 0600), 0);
  const CuspResult result =
      CallCusp({"login", "--server", address(), "--token-file", token, "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["role"], "submitter");
  EXPECT_EQ(*ReadFile(temp_.Join(".config/cusp/token"), 100), "sesame\n");
  EXPECT_THAT(result.out + result.err + Config(), Not(HasSubstr("sesame")));
}

TEST_F(LoginCommandTest, WhatIsRefusedLeavesNoTrace) {
  answer_ = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "the token is not known here");
  EXPECT_EQ(CallCusp({"login", "--server", address()}).code, kExitNotAllowed);
  EXPECT_EQ(Config(), "");
  EXPECT_NE(access(temp_.Join(".config/cusp/token.new").c_str(), F_OK), 0);
}

TEST_F(LoginCommandTest, BadUsageIsNamed) {
  const CuspResult nowhere = CallCusp({"login"});
  EXPECT_EQ(nowhere.code, kExitUsage);
  EXPECT_THAT(nowhere.err, HasSubstr("--server"));
  const std::string open = temp_.Write("open", "sesame\n");
  ASSERT_EQ(chmod(open.c_str(), 0644), 0);
  const CuspResult result = CallCusp({"login", "--server", address(), "--token-file", open});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, AllOf(HasSubstr("chmod 600"), Not(HasSubstr("sesame"))));
}

}  // namespace
}  // namespace cusp::client
