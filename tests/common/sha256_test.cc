#include "common/sha256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

// FIPS 180-2, appendix B.
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kOfMillion[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
constexpr char kOfNothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256Test, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256Hex("abc"), kOfAbc);
  EXPECT_EQ(Sha256Hex(""), kOfNothing);
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')), kOfMillion);
}

TEST(Sha256Test, PiecesGiveTheDigestOfTheWholeAtAnyPoint) {
  Sha256 digest;
  EXPECT_EQ(digest.Hex(), kOfNothing);
  digest.Update("a");
  EXPECT_EQ(digest.Hex(), Sha256Hex("a"));
  digest.Update("bc");
  EXPECT_EQ(digest.Hex(), kOfAbc);
}

TEST(Sha256OfFileTest, GivesTheSameInPieces) {
  const TempDir dir;
  EXPECT_THAT(Sha256HexOfFile(dir.Write("abc", "abc")), IsOkAndHolds(kOfAbc));
  EXPECT_THAT(Sha256HexOfFile(dir.Write("empty", "")), IsOkAndHolds(kOfNothing));
  const std::string large(3'000'001, 'z');
  EXPECT_THAT(Sha256HexOfFile(dir.Write("large", large)), IsOkAndHolds(Sha256Hex(large)));
}

TEST(Sha256OfFileTest, NamesWhatCannotBeRead) {
  const TempDir dir;
  EXPECT_THAT(Sha256HexOfFile(dir.Join("none")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(dir.Join("none"))));
  EXPECT_THAT(Sha256HexOfFile(dir.path()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(dir.path())));
}

}  // namespace
}  // namespace cusp
