#include "server/api/artifact_upload.h"

#include <filesystem>
#include <string>

#include "server/queue/artifact_rules.h"
#include "tests/server/api/artifact_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class ArtifactUploadTest : public ArtifactTest {
 protected:
  // In the database, behind the coordinator's back, before it is opened again.
  void Execute(const std::string& sql) {
    coordinator_.reset();
    auto db = Database::Open(dir_.Join("data/cusp.db"), Database::Mode::kReadWrite);
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->Execute(sql), IsOk());
    db->reset();
    Reopen();
  }
};

TEST_F(ArtifactUploadTest, PiecesOfAnySizeMakeTheWhole) {
  const std::string content(3'000'001, 'z');
  EXPECT_TRUE(Upload(First(content), content, 0, 1'000'000)->complete());
  EXPECT_THAT(Download(Sha256Hex(content)), IsOkAndHolds(content));
}

TEST_F(ArtifactUploadTest, BrokenOneGoesOnWhereItWas) {
  const std::string content = "0123456789";
  v1::UploadArtifactRequest first = First(content);
  const auto cut = Upload(first, content.substr(0, 4));
  ASSERT_THAT(cut, IsOk());
  EXPECT_FALSE(cut->complete());
  EXPECT_EQ(cut->committed_bytes(), 4);
  EXPECT_EQ(Stat(first.sha256())->committed_bytes(), 4);
  Reopen();
  EXPECT_EQ(Stat(first.sha256())->committed_bytes(), 4);
  EXPECT_TRUE(Upload(first, content, 4)->complete());
  EXPECT_THAT(Download(first.sha256()), IsOkAndHolds(content));
}

TEST_F(ArtifactUploadTest, WholeThatOnlyLacksItsEndIsEnded) {
  const std::string content = "0123456789";
  v1::UploadArtifactRequest first = First(content);
  first.set_size_bytes(11);
  ASSERT_THAT(Upload(first, content), IsOk());
  first.set_size_bytes(10);
  EXPECT_TRUE(Upload(first, "", 10)->complete());
}

TEST_F(ArtifactUploadTest, WrongHashIsRefusedAndDropped) {
  v1::UploadArtifactRequest first = First("right");
  EXPECT_THAT(Upload(first, "wrong"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(IsThere("right"));
  EXPECT_FALSE(IsThere("wrong"));
  EXPECT_EQ(Stat(first.sha256())->committed_bytes(), 0);
  EXPECT_TRUE(Upload("right")->complete());
}

TEST_F(ArtifactUploadTest, SizesThatLieAreRefused) {
  v1::UploadArtifactRequest first = First("0123456789");
  first.set_size_bytes(5);
  EXPECT_THAT(Upload(first, "0123456789"), StatusIs(kInvalid, HasSubstr("size_bytes")));
  first.set_size_bytes(0);
  EXPECT_THAT(Upload(first, "0123456789"), StatusIs(kInvalid));
  first.set_size_bytes(20);  // more never comes
  EXPECT_FALSE(Upload(first, "0123456789")->complete());
  EXPECT_FALSE(IsThere("0123456789"));
}

TEST_F(ArtifactUploadTest, LongerBeginningIsDropped) {
  v1::UploadArtifactRequest first = First("0123456789");
  first.set_size_bytes(20);
  ASSERT_FALSE(Upload(first, "abcdefghijklmno")->complete());
  EXPECT_TRUE(Upload("0123456789")->complete());
}

TEST_F(ArtifactUploadTest, PiecesThatAreTooLargeOrOutOfOrderAreRefused) {
  const std::string content(kMaxPieceBytes + 1, 'x');
  EXPECT_THAT(Upload(First(content), content, 0, content.size()),
              StatusIs(kInvalid, HasSubstr("1 MiB")));
  EXPECT_THAT(Upload(First(content), content, 1, 10),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("the next one is at 0")));
}

TEST_F(ArtifactUploadTest, QuotaHolds) {
  ASSERT_THAT(Upload("0123456789"), IsOk());
  ASSERT_NO_FATAL_FAILURE(Execute("UPDATE users SET max_artifact_bytes = 15"));
  EXPECT_THAT(Upload("abcdef"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(Upload("abcde")->complete());
  EXPECT_TRUE(Upload("0123456789")->complete());  // what is there costs nothing
}

TEST_F(ArtifactUploadTest, PartsHaveToBeThere) {
  v1::UploadArtifactRequest whole = First("list");
  whole.add_parts(Sha256Hex("part"));
  EXPECT_THAT(Upload(whole, "list"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(Sha256Hex("part"))));
  ASSERT_THAT(Upload("part"), IsOk());
  EXPECT_TRUE(Upload(whole, "list")->complete());
  whole.add_parts("no hash");
  EXPECT_THAT(Upload(whole, "list"), StatusIs(kInvalid));
}

TEST_F(ArtifactUploadTest, SenderThatSaysNothingIsTold) {
  grpc::ClientContext context;
  v1::UploadArtifactResponse response;
  const auto stream = artifacts_->UploadArtifact(&context, &response);
  stream->WritesDone();
  EXPECT_THAT(FromGrpc(stream->Finish()), StatusIs(kInvalid));
}

}  // namespace
}  // namespace cusp::server
