#include "client/cli/job_change.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class JobChangeTest : public CliTest {
 protected:
  // Answers the example job in this state.
  auto Answering(v1::Job::State state) {
    return [this, state](const auto&, auto& response) {
      *response.mutable_job() = job_;
      response.mutable_job()->set_state(state);
      return grpc::Status::OK;
    };
  }
};

TEST_F(JobChangeTest, PrintsALineOrAllOfIt) {
  coordinator_.jobs.hold = Answering(v1::Job::STATE_HELD);
  EXPECT_EQ(CallCusp({"hold", "k3f9"}).out, "job k3f9x2a1bc held\n");
  EXPECT_EQ(CallCusp({"hold", "k3f9", "--quiet"}).out, "");
  const auto json = nlohmann::json::parse(CallCusp({"hold", "k3f9", "--json"}).out);
  EXPECT_EQ(json["id"], "k3f9x2a1bc");
  EXPECT_EQ(json["state"], "HELD");
}

TEST_F(JobChangeTest, AnothersJobIsNotAllowed) {
  coordinator_.jobs.hold = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "job k3f9x2a1bc belongs to \"ann\"");
  };
  const CuspResult result = CallCusp({"hold", "k3f9"});
  EXPECT_EQ(result.code, kExitNotAllowed);
  EXPECT_THAT(result.err, HasSubstr("belongs to"));
}

TEST_F(JobChangeTest, UnknownJobHasItsExitCode) {
  EXPECT_EQ(CallCusp({"release", "zzz"}).code, kExitNotFound);
  EXPECT_EQ(CallCusp({"retry", "a/b"}).code, kExitUsage);
}

}  // namespace
}  // namespace cusp::client
