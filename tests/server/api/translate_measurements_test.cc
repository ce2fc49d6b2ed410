#include "server/api/translate_measurements.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

TEST(TranslateMeasurementsTest, BlockSurvivesTheRoundTrip) {
  const v1::Block block = SomeBlock(3);
  EXPECT_EQ(ToProto(*FromProto(block)).SerializeAsString(), block.SerializeAsString());
}

TEST(TranslateMeasurementsTest, BadBlocksAreRefusedNamingThePlace) {
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

TEST(TranslateMeasurementsTest, ResultWithoutNumbersIsRefused) {
  v1::SweepResult result = SomeResult();
  EXPECT_THAT(FromProto(result), IsOk());
  result.mutable_costs(0)->set_median(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(FromProto(result).ok());
}

TEST(TranslateMeasurementsTest, ResultTakesModeAndNumberTypeFromItsSweep) {
  Sweep sweep;
  sweep.mode = v1::MODE_TRAINING;
  sweep.dtype = v1::DTYPE_BFLOAT16;
  v1::SweepResult expected = SomeResult();
  expected.mutable_comparisons(0)->set_mode(v1::MODE_TRAINING);
  expected.mutable_comparisons(0)->set_dtype(v1::DTYPE_BFLOAT16);
  expected.mutable_costs(0)->set_mode(v1::MODE_TRAINING);
  expected.mutable_costs(0)->set_dtype(v1::DTYPE_BFLOAT16);
  v1::JobResult out;
  AppendResult(*FromProto(SomeResult()), sweep, &out);
  v1::SweepResult told;
  *told.mutable_comparisons() = out.comparisons();
  *told.mutable_costs() = out.costs();
  EXPECT_EQ(told.SerializeAsString(), expected.SerializeAsString());
  EXPECT_EQ(out.self_checks_size(), 0);
}

TEST(TranslateMeasurementsTest, SelfCheckTakesModeAndNumberTypeFromItsSweep) {
  v1::SweepResult result = SomeResult();
  v1::SelfCheck& check = *result.mutable_self_check();
  check.set_variant("bert");
  check.set_length(128);
  check.set_batch_size(1);
  check.set_mode(v1::MODE_TRAINING);
  check.set_dtype(v1::DTYPE_BFLOAT16);
  check.set_blocks(8);
  check.set_median_ratio(1.01);
  check.set_low(0.99);
  check.set_high(1.02);
  check.set_differs(true);
  Sweep sweep;
  sweep.mode = v1::MODE_TRAINING;
  sweep.dtype = v1::DTYPE_BFLOAT16;
  v1::JobResult out;
  AppendResult(*FromProto(result), sweep, &out);
  ASSERT_EQ(out.self_checks_size(), 1);
  EXPECT_EQ(out.self_checks(0).SerializeAsString(), check.SerializeAsString());
  check.set_low(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(FromProto(result), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bert")));
}

TEST(TranslateMeasurementsTest, LongTextsAreCutBetweenCharacters) {
  // In one of them byte 4096 is inside a character: a response with half of one
  // could not be read by any client.
  for (const std::string& start : {std::string(), std::string("x")}) {
    v1::Block block = SomeBlock(1);
    std::string* message = block.mutable_samples(0)->mutable_failure_message();
    *message = start;
    while (message->size() < 5000) {
      *message += "\u00e9";
    }
    const v1::Block cut = ToProto(*FromProto(block));
    EXPECT_LE(cut.samples(0).failure_message().size(), 4096U);
    EXPECT_GE(cut.samples(0).failure_message().size(), 4095U);
    v1::Block read;
    EXPECT_TRUE(read.ParseFromString(cut.SerializeAsString()));
  }
}

TEST(TranslateMeasurementsTest, ValueThatIsNoneNeedNotBeANumber) {
  v1::Block block = SomeBlock(1);
  block.mutable_samples(0)->set_outcome(v1::OUTCOME_OUT_OF_MEMORY);
  block.mutable_samples(0)->set_value(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(FromProto(block), IsOk());
  block.mutable_samples(0)->set_outcome(static_cast<v1::Outcome>(99));
  EXPECT_THAT(FromProto(block), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("outcome")));
}

}  // namespace
}  // namespace cusp::server
