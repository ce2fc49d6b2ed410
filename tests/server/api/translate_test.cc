#include "server/api/translate.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

TEST(TranslateTest, BlockAndProvenanceSurviveTheRoundTrip) {
  const v1::Block block = SomeBlock(3);
  EXPECT_EQ(ToProto(*FromProto(block)).SerializeAsString(), block.SerializeAsString());
  const v1::Provenance provenance = SomeProvenance();
  EXPECT_EQ(ToProto(*FromProto(provenance)).SerializeAsString(), provenance.SerializeAsString());
}

TEST(TranslateTest, BadBlocksAreRefusedNamingThePlace) {
  v1::Block block = SomeBlock(3);
  block.mutable_samples(1)->set_value(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(FromProto(block),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"longformer\"")));
  block = SomeBlock(3);
  *block.add_samples() = block.samples(0);
  EXPECT_THAT(FromProto(block), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("twice")));
  block = SomeBlock(0);
  EXPECT_FALSE(FromProto(block).ok());
  block = SomeBlock(3);
  block.mutable_samples(0)->clear_outcome();
  EXPECT_FALSE(FromProto(block).ok());
}

TEST(TranslateTest, ResultWithoutNumbersIsRefused) {
  v1::SweepResult result = SomeResult();
  EXPECT_THAT(FromProto(result), IsOk());
  result.mutable_costs(0)->set_median(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(FromProto(result).ok());
}

TEST(TranslateTest, TimesKeepTheirMicroseconds) {
  EXPECT_EQ(ToTimestamp(1'500'001).seconds(), 1);
  EXPECT_EQ(ToTimestamp(1'500'001).nanos(), 500'001'000);
}

}  // namespace
}  // namespace cusp::server
