#include "catalog/job_costs.h"

#include "tests/support/status_matchers.h"

namespace cusp::catalog {
namespace {

v1::JobSpec SpecOf(v1::Mode mode) {
  v1::JobSpec spec;
  spec.set_preset("tiny");
  v1::VariantSpec& eager = *spec.add_baselines();
  eager.set_name("bert");
  eager.set_model("bert");
  v1::VariantSpec& fused = *spec.add_candidates();
  fused = eager;
  fused.set_name("bert-sdpa");
  fused.set_attention(v1::ATTENTION_SDPA);
  spec.add_modes(mode);
  spec.add_metrics(v1::METRIC_LATENCY);
  spec.add_dtypes(v1::DTYPE_FLOAT32);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(512);
  ApplyDefaults(spec);
  return spec;
}

TEST(JobCostsTest, FusedAttentionSparesTrafficAndKernels) {
  const auto costs = JobCosts::Of(SpecOf(v1::MODE_INFERENCE));
  ASSERT_THAT(costs, IsOk());
  const StepShape shape{.length = 512};
  const ComponentCost eager = costs->At(0, shape);
  const ComponentCost fused = costs->At(1, shape);
  EXPECT_DOUBLE_EQ(eager.flops, fused.flops);
  EXPECT_GT(eager.bytes, fused.bytes);
  EXPECT_GT(eager.products, fused.products);
}

TEST(JobCostsTest, HalfAsManyBytesInHalfPrecision) {
  const auto costs = JobCosts::Of(SpecOf(v1::MODE_INFERENCE));
  ASSERT_THAT(costs, IsOk());
  const StepShape half{.dtype = v1::DTYPE_BFLOAT16, .length = 128};
  EXPECT_DOUBLE_EQ(2 * costs->At(0, half).bytes, costs->At(0, {.length = 128}).bytes);
  EXPECT_DOUBLE_EQ(costs->WeightBytes(0, v1::MODE_TRAINING, v1::DTYPE_BFLOAT16),
                   2 * costs->WeightBytes(0, v1::MODE_INFERENCE, v1::DTYPE_FLOAT32));
}

TEST(JobCostsTest, TrainingPassesOverTheParametersToo) {
  const auto costs = JobCosts::Of(SpecOf(v1::MODE_TRAINING));
  ASSERT_THAT(costs, IsOk());
  const ComponentCost forward = costs->At(0, {.length = 64});
  const ComponentCost step = costs->At(0, {.mode = v1::MODE_TRAINING, .length = 64});
  EXPECT_GT(step.flops, 2 * forward.flops);
  EXPECT_GT(step.bytes, 7 * costs->WeightBytes(0, v1::MODE_INFERENCE, v1::DTYPE_FLOAT32));
}

TEST(JobCostsTest, StepOfDecodingIsOneToken) {
  v1::JobSpec spec = SpecOf(v1::MODE_DECODE);
  spec.mutable_candidates(0)->set_name("linear");
  spec.mutable_candidates(0)->set_model("linear_transformer");
  spec.mutable_candidates(0)->clear_attention();
  const auto costs = JobCosts::Of(spec);
  ASSERT_THAT(costs, IsOk());
  const StepShape step{.mode = v1::MODE_DECODE, .length = 512};
  EXPECT_LT(costs->At(0, step).flops * 100, costs->At(0, {.length = 512}).flops);
}

TEST(JobCostsTest, BadJobIsRefused) {
  v1::JobSpec spec = SpecOf(v1::MODE_INFERENCE);
  spec.mutable_candidates(0)->set_model("bart simpson");
  EXPECT_THAT(JobCosts::Of(spec), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::catalog
