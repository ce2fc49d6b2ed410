#include "catalog/tokens.h"

#include <gtest/gtest.h>

#include "catalog/job_check.h"

namespace cusp::catalog {
namespace {

v1::JobSpec Job(const char* baseline, const char* candidate) {
  v1::JobSpec spec;
  spec.add_baselines()->set_model(baseline);
  spec.add_candidates()->set_model(candidate);
  spec.mutable_lengths()->set_min(16'000);
  spec.mutable_lengths()->set_max(32'000);
  ApplyDefaults(spec);
  return spec;
}

TEST(TokenCounterTest, SpeechHasFrames) {
  const TokenCounter tokens(Job("hubert", "l_hubert"));
  EXPECT_EQ(tokens.At("hubert", 16'000), 49);
  EXPECT_EQ(tokens.At("l_hubert", 400), 1);
}

TEST(TokenCounterTest, ImagesHavePatchesOfTheirModel) {
  const TokenCounter tokens(Job("vit", "swin"));
  EXPECT_EQ(tokens.At("vit", 224), 14 * 14 + 1);
  EXPECT_EQ(tokens.At("swin", 224), 56 * 56);
}

TEST(TokenCounterTest, LengthsOfTextAreTokensAlready) {
  EXPECT_FALSE(TokenCounter(Job("bert", "fnet")).At("bert", 64).has_value());
}

TEST(TokenCounterTest, NothingIsKnownOfABadJob) {
  EXPECT_FALSE(TokenCounter(Job("hubert", "bert")).At("hubert", 16'000).has_value());
  EXPECT_FALSE(TokenCounter().At("hubert", 16'000).has_value());
}

}  // namespace
}  // namespace cusp::catalog
