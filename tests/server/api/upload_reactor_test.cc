#include "server/api/upload_reactor.h"

#include <string>

#include "tests/server/api/artifact_fixture.h"

namespace cusp::server {
namespace {

class UploadReactorTest : public ArtifactTest {
 protected:
  // Waits until so much of it is there.
  void AwaitCommitted(const std::string& sha256, int64_t bytes) {
    while (Stat(sha256)->committed_bytes() < bytes) {
      std::this_thread::yield();
    }
  }
};

TEST_F(UploadReactorTest, SameBytesOnTwoConnectionsAreTakenFromOne) {
  const std::string content = "0123456789";
  grpc::ClientContext context;
  v1::UploadArtifactResponse response;
  const auto stream = artifacts_->UploadArtifact(&context, &response);
  v1::UploadArtifactRequest message = First(content);
  message.set_data(content.substr(0, 4));
  ASSERT_TRUE(stream->Write(message));
  AwaitCommitted(message.sha256(), 4);

  EXPECT_THAT(Upload(content), StatusIs(absl::StatusCode::kAborted));
  message.set_offset(4);
  message.set_data(content.substr(4));
  ASSERT_TRUE(stream->Write(message));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(response.complete());
  EXPECT_TRUE(Upload(content)->complete());
}

TEST_F(UploadReactorTest, SenderThatHangsUpLeavesWhatItSent) {
  const std::string content = "0123456789";
  v1::UploadArtifactRequest message = First(content);
  {
    grpc::ClientContext context;
    v1::UploadArtifactResponse response;
    const auto stream = artifacts_->UploadArtifact(&context, &response);
    message.set_data(content.substr(0, 4));
    ASSERT_TRUE(stream->Write(message));
    AwaitCommitted(message.sha256(), 4);
    context.TryCancel();
    (void)stream->Finish();
  }
  absl::StatusOr<v1::UploadArtifactResponse> next;
  do {  // until the coordinator has noticed
    next = Upload(First(content), content, 4);
  } while (absl::IsAborted(next.status()));
  ASSERT_THAT(next, IsOk());
  EXPECT_TRUE(next->complete());
}

TEST_F(UploadReactorTest, StoppingServiceKeepsWhatWasSent) {
  const std::string content = "0123456789";
  v1::UploadArtifactRequest message = First(content);
  grpc::ClientContext context;
  v1::UploadArtifactResponse response;
  const auto stream = artifacts_->UploadArtifact(&context, &response);
  message.set_data(content.substr(0, 4));
  ASSERT_TRUE(stream->Write(message));
  AwaitCommitted(message.sha256(), 4);
  coordinator_->Stop();
  EXPECT_FALSE(stream->Finish().ok());
  Reopen();
  EXPECT_TRUE(Upload(First(content), content, 4)->complete());
}

}  // namespace
}  // namespace cusp::server
