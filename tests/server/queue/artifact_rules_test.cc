#include "server/queue/artifact_rules.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(ArtifactRulesTest, HashesAreLowerCaseHexOfTheirLength) {
  EXPECT_THAT(CheckSha256(std::string(64, 'a')), IsOk());
  for (const std::string& text : {std::string(), std::string(63, 'a'), std::string(65, 'a'),
                                  std::string(64, 'A'), "../" + std::string(61, 'a')}) {
    EXPECT_THAT(CheckSha256(text), StatusIs(kInvalid)) << text;
  }
}

TEST(ArtifactRulesTest, QuotaCountsWhatIsThereAndWhatIsOnItsWay) {
  const ArtifactQuota quota{.used = 50, .promised = 20, .max = 100};
  EXPECT_THAT(CheckUpload(30, quota), IsOk());
  EXPECT_THAT(CheckUpload(31, quota), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(CheckUpload(kMaxArtifactBytes, quota),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(ArtifactRulesTest, QuotaThatWasLoweredLeavesNothing) {
  EXPECT_THAT(CheckUpload(1, {.used = 200, .promised = 0, .max = 100}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("0 MiB")));
}

TEST(ArtifactRulesTest, NoCapIsNoCap) {
  EXPECT_THAT(CheckUpload(kMaxArtifactBytes, {.used = 1, .promised = 1, .max = 0}), IsOk());
}

TEST(ArtifactRulesTest, SizesThatCannotBeAreRefused) {
  EXPECT_THAT(CheckUpload(0, {}), StatusIs(kInvalid));
  EXPECT_THAT(CheckUpload(-1, {}), StatusIs(kInvalid));
  EXPECT_THAT(CheckUpload(INT64_MAX, {}), StatusIs(kInvalid));
}

TEST(ArtifactRulesTest, PiecesComeInOrderAndFit) {
  EXPECT_THAT(CheckPiece(10, 5, 10, 15), IsOk());
  EXPECT_THAT(CheckPiece(9, 5, 10, 15), StatusIs(absl::StatusCode::kAborted, HasSubstr("10")));
  EXPECT_THAT(CheckPiece(11, 1, 10, 15), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(CheckPiece(10, 6, 10, 15), StatusIs(kInvalid, HasSubstr("size_bytes")));
  EXPECT_THAT(CheckPiece(0, kMaxPieceBytes, 0, kMaxPieceBytes), IsOk());
  EXPECT_THAT(CheckPiece(0, kMaxPieceBytes + 1, 0, 2 * kMaxPieceBytes),
              StatusIs(kInvalid, HasSubstr("1 MiB")));
}

}  // namespace
}  // namespace cusp::server
