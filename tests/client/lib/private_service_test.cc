#include "client/lib/private_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/channel.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A stand-in for cuspd or cusp-worker that only a shell is needed for.
void WriteScript(const std::string& path, const std::string& body) {
  ASSERT_THAT(WriteFileAtomically(path, "#!/bin/sh\n" + body), IsOk());
  ASSERT_EQ(chmod(path.c_str(), 0700), 0);
}

class PrivateServiceTest : public testing::Test {
 protected:
  PrivateService::Options Options() {
    return {.state = temp_.path() + "/state",
            .socket = temp_.path() + "/state/cuspd.sock",
            .binary_dir = temp_.path()};
  }

  TempDir temp_;
};

TEST(SocketPathTest, LiesInTheStateWhereItFits) {
  EXPECT_THAT(SocketPath("/state", ""), IsOkAndHolds("/state/cuspd.sock"));
}

TEST(SocketPathTest, LongStateGetsAShortNameThatIsAlwaysTheSame) {
  const TempDir temp;
  const std::string state = "/" + std::string(150, 's');
  const auto path = SocketPath(state, temp.path());
  ASSERT_THAT(path, IsOk());
  EXPECT_THAT(*path, StartsWith(temp.path() + "/cusp/"));
  EXPECT_LE(path->size(), kMaxSocketPath);
  EXPECT_EQ(*path, *SocketPath(state, temp.path()));
  EXPECT_NE(*path, *SocketPath(state + "x", temp.path()));
}

TEST(SocketPathTest, FolderThatOthersMayEnterIsRefused) {
  const TempDir temp;
  ASSERT_THAT(MakeDirectories(temp.path() + "/cusp"), IsOk());
  ASSERT_EQ(chmod((temp.path() + "/cusp").c_str(), 0755), 0);
  EXPECT_THAT(SocketPath("/" + std::string(150, 's'), temp.path()),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("nobody else")));
}

TEST_F(PrivateServiceTest, MissingProgramIsNamed) {
  PrivateService service(Options());
  EXPECT_FALSE(service.IsServing());
  EXPECT_THAT(service.EnsureServing(),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("can't start cuspd"), HasSubstr("beside the cusp"))));
}

TEST_F(PrivateServiceTest, CoordinatorThatEndsAtOnceIsExplainedByItsLog) {
  WriteScript(temp_.path() + "/cuspd", "echo data folder is newer than this program\nexit 3\n");
  PrivateService service(Options());
  EXPECT_THAT(service.EnsureServing(),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("exit code 3"), HasSubstr("newer than this program"),
                             HasSubstr("cuspd.log"))));
}

TEST_F(PrivateServiceTest, OnlyTheNewestStartIsQuotedFromTheLog) {
  WriteScript(temp_.path() + "/cuspd", "echo first\nexit 3\n");
  PrivateService service(Options());
  ASSERT_FALSE(service.EnsureServing().ok());
  WriteScript(temp_.path() + "/cuspd", "echo second\nexit 3\n");
  EXPECT_THAT(service.EnsureServing(),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("second"), testing::Not(HasSubstr("first")))));
}

TEST_F(PrivateServiceTest, DeathOfTheWorkerIsSeenWithItsLog) {
  WriteScript(temp_.path() + "/cusp-worker", "echo no runner >&2\nexit 4\n");
  ASSERT_THAT(MakeDirectories(temp_.path() + "/state"), IsOk());
  PrivateService service(Options());
  ASSERT_THAT(service.EnsureWorker("cpu"), IsOk());
  std::optional<ExitStatus> death;
  while (!death) {
    death = service.WorkerDeath();
  }
  EXPECT_EQ(death->code, 4);
  EXPECT_THAT(service.WorkerLogTail(), HasSubstr("no runner"));
  service.StopWorker();
  EXPECT_EQ(service.WorkerDeath(), std::nullopt);
}

TEST_F(PrivateServiceTest, WorkerMayBeAskedToRegisterAlone) {
  ASSERT_THAT(MakeDirectories(temp_.path() + "/state"), IsOk());
  WriteScript(temp_.path() + "/cusp-worker", "echo \"$@\" > " + temp_.Join("arguments") + "\n");
  PrivateService service(Options());
  ASSERT_THAT(service.RegisterWorker("cpu"), IsOk());
  EXPECT_THAT(ReadFile(temp_.Join("arguments"), 1000),
              IsOkAndHolds(HasSubstr("--device cpu --register-only")));
  EXPECT_EQ(service.WorkerDeath(), std::nullopt);
  WriteScript(temp_.path() + "/cusp-worker", "echo no runner >&2\nexit 4\n");
  EXPECT_THAT(service.RegisterWorker("cpu"),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("exit code 4"), HasSubstr("no runner"))));
}

TEST_F(PrivateServiceTest, OneWorkerMeasuresForAFolder) {
  WriteScript(temp_.path() + "/cusp-worker", "exec sleep 60\n");
  ASSERT_THAT(MakeDirectories(temp_.path() + "/state"), IsOk());
  PrivateService first(Options());
  ASSERT_THAT(first.EnsureWorker("cpu"), IsOk());
  WriteScript(temp_.path() + "/cusp-worker", "exit 1\n");
  PrivateService second(Options());
  ASSERT_THAT(second.EnsureWorker("cpu"), IsOk());
  EXPECT_EQ(second.WorkerDeath(), std::nullopt);
  EXPECT_EQ(second.WorkerLogTail(), "");
}

}  // namespace
}  // namespace cusp::client
