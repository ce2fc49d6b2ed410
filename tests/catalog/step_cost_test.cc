#include "catalog/step_cost.h"

#include <gtest/gtest.h>

namespace cusp::catalog {
namespace {

ResolvedVariant Resolve(const std::string& model, v1::Mode mode, v1::Attention attention) {
  v1::JobSpec spec;
  spec.set_preset("tiny");
  spec.add_modes(mode);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(512);
  for (v1::VariantSpec* variant : {spec.add_baselines(), spec.add_candidates()}) {
    variant->set_model(model);
    variant->set_attention(attention);
  }
  spec.mutable_candidates(0)->set_name("other");
  auto variants = ResolveVariants(spec);
  EXPECT_TRUE(variants.ok()) << variants.status();
  return variants->front();
}

TEST(StepCostTest, TrainingCostsThreeForwardPassesOrLess) {
  const ResolvedVariant bert = Resolve("bert", v1::MODE_TRAINING, v1::ATTENTION_EAGER);
  const auto flops = [&](v1::Mode mode) {
    return StepCost(bert, mode, v1::DTYPE_FLOAT32, 128, 1).Total().flops;
  };
  const double ratio = flops(v1::MODE_TRAINING) / flops(v1::MODE_INFERENCE);
  EXPECT_GT(ratio, 2.5);
  EXPECT_LE(ratio, 3);
}

TEST(StepCostTest, FusedAttentionMovesLess) {
  const auto bytes = [](v1::Attention attention) {
    return StepCost(Resolve("bert", v1::MODE_INFERENCE, attention), v1::MODE_INFERENCE,
                    v1::DTYPE_FLOAT32, 512, 1)
        .Total()
        .bytes;
  };
  EXPECT_LT(bytes(v1::ATTENTION_SDPA), bytes(v1::ATTENTION_EAGER));
}

TEST(StepCostTest, HalfTheBytesInHalfPrecision) {
  const ResolvedVariant bert = Resolve("bert", v1::MODE_INFERENCE, v1::ATTENTION_EAGER);
  const auto bytes = [&](v1::DType dtype) {
    return StepCost(bert, v1::MODE_INFERENCE, dtype, 128, 1).Total().bytes;
  };
  EXPECT_DOUBLE_EQ(bytes(v1::DTYPE_BFLOAT16), 0.5 * bytes(v1::DTYPE_FLOAT32));
}

TEST(StepCostTest, OneDecodingStepCostsLessThanReadingTheContext) {
  const ResolvedVariant bert = Resolve("bert", v1::MODE_DECODE, v1::ATTENTION_EAGER);
  const auto flops = [&](v1::Mode mode) {
    return StepCost(bert, mode, v1::DTYPE_FLOAT32, 256, 1).Total().flops;
  };
  EXPECT_GT(flops(v1::MODE_DECODE), 0);
  EXPECT_LT(flops(v1::MODE_DECODE), 0.02 * flops(v1::MODE_INFERENCE));
}

}  // namespace
}  // namespace cusp::catalog
