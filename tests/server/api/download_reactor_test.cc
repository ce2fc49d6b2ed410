#include "server/api/download_reactor.h"

#include <filesystem>
#include <string>

#include "server/queue/artifact_rules.h"
#include "tests/server/api/artifact_fixture.h"

namespace cusp::server {
namespace {

class DownloadReactorTest : public ArtifactTest {};

TEST_F(DownloadReactorTest, LargeOneComesInPieces) {
  std::string content(2 * kMaxPieceBytes + 1, 'x');
  content.back() = 'y';
  ASSERT_THAT(Upload(content), IsOk());
  EXPECT_THAT(Download(Sha256Hex(content)), IsOkAndHolds(content));
}

TEST_F(DownloadReactorTest, BrokenTransferGoesOnAtAnOffset) {
  ASSERT_THAT(Upload("0123456789"), IsOk());
  const std::string hash = Sha256Hex("0123456789");
  EXPECT_THAT(Download(hash, 4), IsOkAndHolds("456789"));
  EXPECT_THAT(Download(hash, 10), IsOkAndHolds(""));
  EXPECT_THAT(Download(hash, 11), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Download(hash, -1), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(DownloadReactorTest, FileThatIsGoneIsAnError) {
  ASSERT_THAT(Upload("x"), IsOk());
  const std::string hash = Sha256Hex("x");
  std::filesystem::remove(dir_.Join("data/artifacts/" + hash.substr(0, 2) + "/" + hash));
  EXPECT_THAT(Download(hash), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DownloadReactorTest, FileThatWasCutIsAnError) {
  ASSERT_THAT(Upload("0123456789"), IsOk());
  const std::string hash = Sha256Hex("0123456789");
  grpc::ClientContext context;
  v1::DownloadArtifactRequest request;
  request.set_sha256(hash);
  std::filesystem::resize_file(dir_.Join("data/artifacts/" + hash.substr(0, 2) + "/" + hash), 0);
  request.set_offset(4);
  const auto stream = artifacts_->DownloadArtifact(&context, request);
  v1::DownloadArtifactResponse response;
  while (stream->Read(&response)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

}  // namespace
}  // namespace cusp::server
