#include "worker/models/text/performer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/kernel_attention.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// phi of one row or of all, as the definition has it.
at::Tensor Phi(const at::Tensor& x, const at::Tensor& features, const at::Tensor& largest) {
  const auto m = static_cast<double>(features.size(0));
  return x.matmul(features.t())
      .sub(x.square().sum(-1, true).mul(0.5))
      .sub(largest)
      .exp()
      .add(1e-4)
      .mul(1 / std::sqrt(m));
}

// Weights phi(q_i) . phi(k_j), written out.
at::Tensor ByDefinition(const SlowLayer& layer) {
  const at::Tensor features = layer.tensors.at("features");
  const double scale = std::pow(static_cast<double>(features.size(1)), -0.25);
  const at::Tensor q = layer.Heads("query").mul(scale);
  const at::Tensor k = layer.Heads("key").mul(scale);
  const at::Tensor q_features = Phi(q, features, q.matmul(features.t()).amax({3}, true));
  const at::Tensor k_features = Phi(k, features, k.matmul(features.t()).amax({2, 3}, true))
                                    .mul(layer.keep.view({k.size(0), 1, k.size(2), 1}));
  const at::Tensor weights = q_features.matmul(k_features.transpose(2, 3));
  return weights.div(weights.sum(-1, true)).matmul(layer.Heads("value"));
}

TEST(PerformerTest, EqualsItsDefinition) {
  for (const int64_t heads : {1, 2, 4}) {
    for (const int64_t features : {1, 7, 16, 40}) {
      nlohmann::json config = TinyConfig("performer");
      config["num_attention_heads"] = heads;
      config["num_features"] = features;
      ExpectEqualsSlowly(config, {1, 2, 13, 64}, ByDefinition);
    }
  }
}

TEST(PerformerTest, FeaturesAreOrthogonalInBlocksAndAsLongAsNormalVectors) {
  at::Generator generator = ops::CpuGenerator(3);
  const at::Tensor features = OrthogonalFeatures(1000, 8, generator);
  const at::Tensor lengths = features.square().sum(1, true);
  const at::Tensor block = features.div(lengths.sqrt()).narrow(0, 16, 8);
  EXPECT_LT(ScaledDifference(block.mm(block.t()), ops::Eye(8, at::kFloat, at::kCPU)), 1e-5);
  EXPECT_NEAR(lengths.mean().item<double>(), 8, 0.4);
  // Uniform directions: without the sign of R's diagonal the mean would be far from 0.
  EXPECT_LT(features.mean(0).abs().max().item<double>(), 0.15);
  EXPECT_EQ(OrthogonalFeatures(11, 8, generator).sizes(), at::IntArrayRef({11, 8}));
}

double ErrorOf(int64_t features, uint64_t seed) {
  const at::Tensor q = RandomNormal({1, 2, 60, 16}, seed, 0.3);
  const at::Tensor k = RandomNormal({1, 2, 60, 16}, seed + 1000, 0.3);
  const at::Tensor v = RandomNormal({1, 2, 60, 16}, seed + 2000);
  at::Generator generator = ops::CpuGenerator(seed);
  const at::Tensor w = OrthogonalFeatures(features, 16, generator);
  const at::Tensor output = KernelAttention(PositiveFeatures(q, w, FeatureSide::kQuery),
                                            PositiveFeatures(k, w, FeatureSide::kKey), v, {}, 0);
  const at::Tensor exact = q.matmul(k.transpose(2, 3)).div(4.0).softmax(-1).matmul(v);
  return output.sub(exact).square().mean().sqrt().item<double>();
}

double MedianError(int64_t features) {
  std::vector<double> errors;
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    errors.push_back(ErrorOf(features, seed));
  }
  std::nth_element(errors.begin(), errors.begin() + 7, errors.end());
  return errors[7];
}

// m^-1/2: a factor of 4 for 16 times as many.
TEST(PerformerTest, ErrorFallsWithTheRootOfTheFeatures) {
  const double few = MedianError(64);
  const double many = MedianError(1024);
  EXPECT_GT(few / many, 3);
  EXPECT_LT(few / many, 5.3);
}

}  // namespace
}  // namespace cusp::models
