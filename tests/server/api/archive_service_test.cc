#include "server/api/archive_service.h"

#include <filesystem>

#include "tests/server/api/archive_example.h"
#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class ArchiveServiceTest : public ServiceTest {
 protected:
  absl::StatusOr<std::string> Export(const std::string& job) {
    const auto stub = v1::ArchiveService::NewStub(coordinator_->InProcessChannel());
    grpc::ClientContext context;
    v1::ExportJobRequest request;
    request.set_job(job);
    const auto stream = stub->ExportJob(&context, request);
    std::string bytes;
    v1::ExportJobResponse response;
    while (stream->Read(&response)) {
      bytes += response.data();
    }
    const absl::Status status = FromGrpc(stream->Finish());
    return status.ok() ? absl::StatusOr<std::string>(bytes) : status;
  }

  absl::StatusOr<v1::ImportJobResponse> Import(const std::string& bytes, size_t piece = 100) {
    const auto stub = v1::ArchiveService::NewStub(coordinator_->InProcessChannel());
    grpc::ClientContext context;
    v1::ImportJobResponse response;
    const auto stream = stub->ImportJob(&context, &response);
    for (size_t at = 0; at < bytes.size(); at += piece) {
      v1::ImportJobRequest request;
      request.set_data(bytes.substr(at, piece));
      if (!stream->Write(request)) {
        break;
      }
    }
    stream->WritesDone();
    const absl::Status status = FromGrpc(stream->Finish());
    return status.ok() ? absl::StatusOr<v1::ImportJobResponse>(response) : status;
  }

  std::string FinishedJob() {
    const std::string name = SubmitSmall();
    const std::string attempt = Lease("w");
    EXPECT_THAT(SendBlock(attempt, 1), IsOk());
    EXPECT_THAT(SendBlock(attempt, 2), IsOk());
    EXPECT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
    return name;
  }

  v1::JobResult Result(const std::string& job) {
    grpc::ClientContext context;
    v1::GetJobResultRequest request;
    request.set_job(job);
    v1::GetJobResultResponse response;
    EXPECT_TRUE(results_->GetJobResult(&context, request, &response).ok());
    return response.result();
  }

  // Another coordinator, with nothing in it.
  void Move() {
    coordinator_.reset();
    std::filesystem::rename(dir_.Join("data"), dir_.Join("old"));
    Start();
  }
};

TEST_F(ArchiveServiceTest, ImportedJobIsTheOriginalButForItsOwner) {
  const std::string name = FinishedJob();
  const auto bytes = Export(name);
  ASSERT_THAT(bytes, IsOk());
  v1::Job original = *Get(name);
  const v1::JobResult result = Result(name);
  const auto blocks = Blocks(name + "/sweeps/1");
  Move();
  const auto imported = Import(*bytes);
  ASSERT_THAT(imported, IsOk());
  EXPECT_FALSE(imported->already_present());
  v1::Job copy = *Get(name);
  EXPECT_EQ(copy.original_owner(), original.owner());
  copy.clear_original_owner();
  EXPECT_EQ(copy.SerializeAsString(), original.SerializeAsString());
  EXPECT_EQ(Result(name).SerializeAsString(), result.SerializeAsString());
  EXPECT_EQ(Blocks(name + "/sweeps/1")->SerializeAsString(), blocks->SerializeAsString());
  EXPECT_THAT(Export(name), IsOkAndHolds(*bytes));
}

TEST_F(ArchiveServiceTest, TheSameAgainIsANoOpThatSaysSo) {
  const std::string name = FinishedJob();
  const auto bytes = Export(name);
  ASSERT_THAT(bytes, IsOk());
  const auto here = Import(*bytes);  // where it came from
  ASSERT_THAT(here, IsOk());
  EXPECT_TRUE(here->already_present());
  Move();
  ASSERT_THAT(Import(*bytes), IsOk());
  const auto again = Import(*bytes);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->already_present());
}

TEST_F(ArchiveServiceTest, AnotherContentUnderTheIdIsRefused) {
  ASSERT_THAT(Import(ArchiveOf(ExampleRecords())), IsOk());
  auto records = ExampleRecords();
  records[2].mutable_block()->mutable_block()->mutable_samples(0)->set_value(9);
  EXPECT_THAT(Import(ArchiveOf(records)),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("another content")));
  EXPECT_EQ(Blocks("jobs/k3f9/sweeps/1")->blocks(0).samples(0).value(), 0.5);
}

TEST_F(ArchiveServiceTest, DamagedArchiveLeavesNothingBehind) {
  const std::string bytes = ArchiveOf(ExampleRecords());
  EXPECT_THAT(Import(bytes.substr(0, bytes.size() - 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cut off")));
  EXPECT_THAT(Import(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Get("jobs/k3f9"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ArchiveServiceTest, RunningAndUnknownJobsAreNotExported) {
  EXPECT_THAT(Export(SubmitSmall()), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Export("jobs/nothere"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Export("nothere"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::server
