#include "client/cli/submit.h"

#include <gmock/gmock.h>

#include "common/ids.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

constexpr char kSpec[] =
    "name: two\npreset: tiny\nbaselines: [bert]\ncandidates: [longformer]\n"
    "modes: [inference]\nmetrics: [latency]\nlengths: {min: 64, max: 512}\n";

class SubmitTest : public CliTest {
 protected:
  SubmitTest() : file_(temp_.Write("job.yaml", kSpec)) {
    coordinator_.jobs.submit = [this](const v1::SubmitJobRequest& request, auto& response) {
      ++submitted_;
      asked_ = request;
      *response.mutable_job() = job_;
      response.mutable_job()->set_state(v1::Job::STATE_QUEUED);
      return grpc::Status::OK;
    };
  }

  std::string file_;
  v1::SubmitJobRequest asked_;
  int submitted_ = 0;
};

TEST_F(SubmitTest, QueuesTheJob) {
  const CuspResult result = CallCusp({"submit", file_, "--priority", "7"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "job k3f9x2a1bc queued\n");
  EXPECT_EQ(asked_.spec().name(), "two");
  EXPECT_EQ(asked_.priority(), 7);
  EXPECT_TRUE(IsUuid(asked_.request_id()));
}

TEST_F(SubmitTest, ParsableIsTheIdAlone) {
  EXPECT_EQ(CallCusp({"submit", file_, "--parsable"}).out, "k3f9x2a1bc\n");
  EXPECT_EQ(CallCusp({"submit", file_, "--parsable", "--wait"}).out, "k3f9x2a1bc\n");
}

TEST_F(SubmitTest, WaitPrintsTheFindings) {
  const CuspResult result = CallCusp({"submit", file_, "--wait"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, testing::StartsWith("job k3f9x2a1bc text-encoders: succeeded"));
  EXPECT_THAT(result.err, HasSubstr("job k3f9x2a1bc queued"));
}

TEST_F(SubmitTest, RequestIdIsTheUsers) {
  const std::string id = NewUuid();
  CallCusp({"submit", file_, "--request-id", id});
  EXPECT_EQ(asked_.request_id(), id);
  EXPECT_EQ(CallCusp({"submit", file_, "--request-id", "me"}).code, kExitUsage);
}

TEST_F(SubmitTest, HoldOthersAndDeadlineAreSent) {
  const CuspResult result = CallCusp({"submit", "--hold", "--after-ok", "k3f9", "--after-ok",
                                      "jobs/abc", file_, "--deadline", "2099-11-30T18:00:00Z"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(asked_.hold());
  EXPECT_THAT(asked_.after_ok(), testing::ElementsAre("jobs/k3f9", "jobs/abc"));
  EXPECT_EQ(asked_.deadline().seconds(), 4'099'744'800);
}

TEST_F(SubmitTest, NothingIsHeldOrDueUnlessAsked) {
  CallCusp({"submit", file_});
  EXPECT_FALSE(asked_.hold());
  EXPECT_EQ(asked_.after_ok_size(), 0);
  EXPECT_FALSE(asked_.has_deadline());
}

TEST_F(SubmitTest, BadIdsAndDeadlinesAreBadUsage) {
  EXPECT_EQ(CallCusp({"submit", file_, "--after-ok", "a/b"}).code, kExitUsage);
  EXPECT_THAT(CallCusp({"submit", file_, "--deadline", "soon"}).err, HasSubstr("no deadline"));
  EXPECT_THAT(CallCusp({"submit", file_, "--deadline", "2001-01-01T00:00:00Z"}).err,
              HasSubstr("passed"));
  EXPECT_EQ(submitted_, 0);
}

TEST_F(SubmitTest, DryRunQueuesNothing) {
  const CuspResult result = CallCusp({"submit", file_, "--dry-run"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("candidates   longformer\n"));
  EXPECT_EQ(submitted_, 0);
}

TEST_F(SubmitTest, FaultOfTheJobFileIsNamedWithItsLine) {
  const std::string bad = temp_.Write("bad.yaml", std::string(kSpec) + "budgett: 10m\n");
  const CuspResult result = CallCusp({"submit", bad});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:8"));
  EXPECT_EQ(CallCusp({"submit", temp_.Join("missing.yaml")}).code, kExitUsage);
  EXPECT_EQ(submitted_, 0);
}

TEST_F(SubmitTest, RefusedSpecIsBadUsage) {
  coordinator_.jobs.submit = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "lengths: too many");
  };
  EXPECT_EQ(CallCusp({"submit", file_}).code, kExitUsage);
}

TEST_F(SubmitTest, TimeoutWithoutWaitIsBadUsage) {
  EXPECT_EQ(CallCusp({"submit", file_, "--timeout", "5s"}).code, kExitUsage);
}

TEST_F(SubmitTest, NoCoordinatorConfiguredIsToldWithTheRemedy) {
  unsetenv("CUSP_SERVER");
  const CuspResult result = CallCusp({"submit", file_});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("cusp run"));
}

}  // namespace
}  // namespace cusp::client
