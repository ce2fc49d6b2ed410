#include "server/api/operations_service.h"

#include <filesystem>
#include <fstream>

#include "common/sha256.h"
#include "server/store/sqlite.h"
#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OperationsServiceTest : public ServiceTest {
 protected:
  OperationsServiceTest()
      : stub_(v1::OperationsService::NewStub(coordinator_->InProcessChannel())) {}

  std::string FinishedJob() {
    const std::string name = SubmitSmall();
    const std::string attempt = Lease("w");
    EXPECT_THAT(SendBlock(attempt, 1), IsOk());
    EXPECT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
    return name;
  }

  absl::StatusOr<v1::PruneSamplesResponse> Prune(const std::string& request_id, int64_t seconds,
                                                 bool dry_run = false) {
    grpc::ClientContext context;
    v1::PruneSamplesRequest request;
    request.set_request_id(request_id);
    request.mutable_older_than()->set_seconds(seconds);
    request.set_dry_run(dry_run);
    v1::PruneSamplesResponse response;
    const absl::Status status = FromGrpc(stub_->PruneSamples(&context, request, &response));
    return status.ok() ? absl::StatusOr<v1::PruneSamplesResponse>(response) : status;
  }

  std::unique_ptr<v1::OperationsService::Stub> stub_;
};

TEST_F(OperationsServiceTest, BackupIsADatabaseWithAllThatWasAcknowledged) {
  const std::string name = FinishedJob();
  grpc::ClientContext context;
  const auto stream = stub_->BackupDatabase(&context, {});
  std::string bytes;
  v1::BackupDatabaseResponse response;
  v1::BackupDatabaseResponse last;
  while (stream->Read(&response)) {
    bytes += response.data();
    last = response;
  }
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_EQ(last.size_bytes(), static_cast<int64_t>(bytes.size()));
  EXPECT_EQ(last.sha256(), Sha256Hex(bytes));
  const auto copy = Database::Open(dir_.Write("copy.db", bytes), Database::Mode::kReadWrite);
  ASSERT_THAT(copy, IsOk());
  Query query(**copy, "SELECT 'jobs/' || public_id FROM jobs");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Text(0), name);
  for (const auto& entry : std::filesystem::directory_iterator(dir_.Join("data"))) {
    EXPECT_EQ(entry.path().filename().string().find("backup-"), std::string::npos);
  }
}

TEST_F(OperationsServiceTest, PruneDropsOldSamplesAndSaysSo) {
  const std::string name = FinishedJob();
  clock_.Advance(hours(48));
  FinishedJob();
  EXPECT_EQ(Prune("", 24 * 3600, true)->samples(), 2);
  const auto counts = Prune(NewUuid(), 24 * 3600);
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->jobs(), 1);
  EXPECT_EQ(counts->samples(), 2);
  EXPECT_TRUE(Get(name)->has_samples_prune_time());
  EXPECT_THAT(Blocks(name + "/sweeps/1")->blocks(), IsEmpty());
}

TEST_F(OperationsServiceTest, RepeatedPruneGetsTheFirstAnswer) {
  FinishedJob();
  clock_.Advance(hours(48));
  const std::string id = NewUuid();
  EXPECT_EQ(Prune(id, 24 * 3600)->jobs(), 1);
  EXPECT_EQ(Prune(id, 24 * 3600)->jobs(), 1);
  EXPECT_EQ(Prune(NewUuid(), 24 * 3600)->jobs(), 0);
  EXPECT_THAT(Prune(id, 25 * 3600), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(OperationsServiceTest, PruneWantsAnAgeAndAnId) {
  EXPECT_THAT(Prune(NewUuid(), 60),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("an hour")));
  EXPECT_THAT(Prune(NewUuid(), -1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Prune("x", 7200), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UUID")));
  EXPECT_THAT(Prune(NewUuid(), INT64_MAX), IsOk());
}

TEST_F(OperationsServiceTest, DiagnosisComparesTheCallersClockAndVersion) {
  const auto diagnose = [&](int64_t seconds, const std::string& version) {
    grpc::ClientContext context;
    v1::DiagnoseRequest request;
    request.mutable_client_time()->set_seconds(seconds);
    request.set_client_version(version);
    v1::DiagnoseResponse response;
    EXPECT_TRUE(stub_->Diagnose(&context, request, &response).ok());
    std::map<std::string, v1::Finding> findings;
    for (const v1::Finding& finding : response.findings()) {
      findings[finding.check()] = finding;
    }
    return findings;
  };
  auto findings = diagnose(clock_.WallMicros() / 1'000'000 + 1000, "9.9.9");
  EXPECT_EQ(findings["clock"].level(), v1::Finding::LEVEL_FAIL);
  EXPECT_EQ(findings["versions"].level(), v1::Finding::LEVEL_WARNING);
  EXPECT_EQ(findings["database"].level(), v1::Finding::LEVEL_OK);
  EXPECT_EQ(findings["schema"].level(), v1::Finding::LEVEL_OK);
}

}  // namespace
}  // namespace cusp::server
