#include "server/api/translate.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

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

TEST(TranslateTest, ResultTakesModeAndNumberTypeFromItsSweep) {
  Sweep sweep;
  sweep.mode = v1::MODE_TRAINING;
  sweep.dtype = v1::DTYPE_BFLOAT16;
  v1::SweepResult expected = SomeResult();
  expected.mutable_comparisons(0)->set_mode(v1::MODE_TRAINING);
  expected.mutable_comparisons(0)->set_dtype(v1::DTYPE_BFLOAT16);
  expected.mutable_costs(0)->set_mode(v1::MODE_TRAINING);
  expected.mutable_costs(0)->set_dtype(v1::DTYPE_BFLOAT16);
  v1::SweepResult out;
  AppendResult(*FromProto(SomeResult()), sweep, out.mutable_comparisons(), out.mutable_costs());
  EXPECT_EQ(out.SerializeAsString(), expected.SerializeAsString());
}

TEST(TranslateTest, LongTextsAreCutBetweenCharacters) {
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

TEST(TranslateTest, FailureIsBounded) {
  v1::Failure failure;
  failure.set_reason(v1::Failure::REASON_CRASHED);
  failure.set_message(std::string(100000, 'x'));
  const Failure stored = FromProto(failure);
  EXPECT_EQ(stored.reason, v1::Failure::REASON_CRASHED);
  EXPECT_EQ(stored.message.size(), 4096U);
}

TEST(TranslateTest, OverlongProvenanceIsRefused) {
  v1::Provenance provenance = SomeProvenance();
  provenance.set_affinity(std::string(5000, '1'));
  EXPECT_THAT(FromProto(provenance), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TranslateTest, ValueThatIsNoneNeedNotBeANumber) {
  v1::Block block = SomeBlock(1);
  block.mutable_samples(0)->set_outcome(v1::OUTCOME_OUT_OF_MEMORY);
  block.mutable_samples(0)->set_value(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(FromProto(block), IsOk());
  block.mutable_samples(0)->set_outcome(static_cast<v1::Outcome>(99));
  EXPECT_THAT(FromProto(block), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("outcome")));
}

TEST(TranslateTest, JobHasWhatIsKnownOfItAndNoMore) {
  Job job;
  job.public_id = "abc";
  job.state = JobState::kRunning;
  job.create_time_us = 1'000'000;
  job.sweeps.resize(2);
  job.sweeps[0].number = 1;
  job.sweeps[0].worker = "w";
  job.sweeps[1].number = 2;
  job.sweeps[1].state = SweepState::kFailed;
  job.sweeps[1].failure = Failure{v1::Failure::REASON_CRASHED, "it died"};
  const v1::Job out = ToProto(job);
  EXPECT_EQ(out.name(), "jobs/abc");
  EXPECT_EQ(out.create_time().seconds(), 1);
  EXPECT_FALSE(out.has_start_time());
  EXPECT_FALSE(out.has_end_time());
  EXPECT_FALSE(out.has_spec());
  EXPECT_EQ(out.sweeps(0).worker(), "workers/w");
  EXPECT_FALSE(out.sweeps(0).has_failure());
  EXPECT_EQ(out.sweeps(1).name(), "jobs/abc/sweeps/2");
  EXPECT_EQ(out.sweeps(1).worker(), "");
  EXPECT_EQ(out.sweeps(1).failure().message(), "it died");
}

TEST(TranslateTest, TimesKeepTheirMicroseconds) {
  EXPECT_EQ(ToTimestamp(1'500'001).seconds(), 1);
  EXPECT_EQ(ToTimestamp(1'500'001).nanos(), 500'001'000);
}

}  // namespace
}  // namespace cusp::server
