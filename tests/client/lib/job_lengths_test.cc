#include "client/lib/job_lengths.h"

#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(JobLengthsTest, WholeNumbersStayWhole) {
  const JobLengths lengths(ExampleJob());
  EXPECT_EQ(lengths.ToJson(512).dump(), "512");
  EXPECT_FALSE(lengths.tokens.At("bert", 512).has_value());
}

TEST(JobLengthsTest, SamplesBecomeSecondsWithTheirTokens) {
  const JobLengths lengths(SpeechJob());
  EXPECT_EQ(lengths.ToJson(8000).dump(), "0.5");
  EXPECT_EQ(lengths.tokens.At("hubert", 8000), 24);
}

TEST(JobLengthsTest, JobThatSaysNoUnitIsInTokens) {
  EXPECT_EQ(JobLengths(v1::Job()).unit, v1::LENGTH_UNIT_TOKENS);
  EXPECT_EQ(JobLengths().unit, v1::LENGTH_UNIT_UNSPECIFIED);
}

}  // namespace
}  // namespace cusp::client
