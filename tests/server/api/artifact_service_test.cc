#include "server/api/artifact_service.h"

#include <string>

#include "tests/server/api/artifact_fixture.h"

namespace cusp::server {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class ArtifactServiceTest : public ArtifactTest {};

TEST_F(ArtifactServiceTest, WhatIsUploadedIsThereAndComesBack) {
  const std::string content = "weights";
  const auto before = Stat(Sha256Hex(content));
  ASSERT_THAT(before, IsOk());
  EXPECT_FALSE(before->complete());
  EXPECT_EQ(before->committed_bytes(), 0);
  const auto uploaded = Upload(content);
  ASSERT_THAT(uploaded, IsOk());
  EXPECT_TRUE(uploaded->complete());
  const auto after = Stat(Sha256Hex(content));
  EXPECT_TRUE(after->complete());
  EXPECT_EQ(after->size_bytes(), 7);
  EXPECT_THAT(Download(Sha256Hex(content)), IsOkAndHolds(content));
}

TEST_F(ArtifactServiceTest, RestartKeepsIt) {
  ASSERT_THAT(Upload("weights"), IsOk());
  Reopen();
  EXPECT_THAT(Download(Sha256Hex("weights")), IsOkAndHolds("weights"));
}

TEST_F(ArtifactServiceTest, WhatIsNoHashIsRefused) {
  for (const char* text : {"", "abc", "../../../etc/passwd"}) {
    EXPECT_THAT(Stat(text), StatusIs(kInvalid));
    EXPECT_THAT(Download(text), StatusIs(kInvalid));
    v1::UploadArtifactRequest first = First("x");
    first.set_sha256(text);
    EXPECT_THAT(Upload(first, "x"), StatusIs(kInvalid));
  }
}

TEST_F(ArtifactServiceTest, UnknownOneCannotBeDownloaded) {
  EXPECT_THAT(Download(Sha256Hex("none")), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ArtifactServiceTest, NothingIsGivenOrTakenWithoutAToken) {
  CoordinatorOptions options;
  options.data_folder = dir_.Join("other");
  options.listen = "127.0.0.1:0";
  const auto coordinator = Coordinator::Start(options, clock_);
  ASSERT_THAT(coordinator, IsOk());
  artifacts_ = v1::ArtifactService::NewStub((*coordinator)->InProcessChannel());
  constexpr auto kUnknown = absl::StatusCode::kUnauthenticated;
  EXPECT_THAT(Stat(Sha256Hex("x")), StatusIs(kUnknown));
  EXPECT_THAT(Upload("x"), StatusIs(kUnknown));
  EXPECT_THAT(Download(Sha256Hex("x")), StatusIs(kUnknown));
}

}  // namespace
}  // namespace cusp::server
