#include "worker/models/text/nystromformer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A kernel near the identity is well conditioned, so the iteration converges.
TEST(NystromformerTest, AsManyLandmarksAsTokensApproachSoftmaxAttention) {
  const int64_t n = 12;
  const at::Tensor q = ops::Eye(n, at::kDouble, at::kCPU)
                           .mul(3)
                           .view({1, 1, n, n})
                           .add(RandomNormal({2, 2, n, n}, 1, 0.3, at::kDouble));
  const at::Tensor v = RandomNormal({2, 2, n, n}, 2, 1, at::kDouble);
  const at::Tensor expected =
      q.matmul(q.transpose(2, 3)).div(std::sqrt(static_cast<double>(n))).softmax(-1).matmul(v);
  double previous = 1e9;
  for (const int64_t iterations : {1, 2, 4, 6}) {
    const double difference =
        ScaledDifference(NystromAttention(q, q, v, {}, n, iterations), expected);
    EXPECT_LT(difference, previous) << iterations;
    previous = difference;
  }
  EXPECT_LT(previous, 1e-9);
}

TEST(NystromformerTest, PseudoInverseInverts) {
  const at::Tensor kernels = ops::Eye(8, at::kDouble, at::kCPU)
                                 .mul(4)
                                 .add(RandomNormal({3, 8, 8}, 1, 0.5, at::kDouble))
                                 .softmax(-1);
  const at::Tensor product = kernels.bmm(IterativePseudoInverse(kernels, 15));
  EXPECT_LT(ScaledDifference(product, ops::Eye(8, at::kDouble, at::kCPU).expand({3, 8, 8})), 1e-9);
}

TEST(NystromformerTest, OtherLengthThanTheConfiguredIsRefused) {
  const auto model = MustBuild(TinyConfig("nystromformer"));
  EXPECT_THAT(model->RandomInputs(kTinyLength + 4, 1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("segment_means_seq_len")));
}

TEST(NystromformerTest, LandmarksEqualToTheSegmentLengthArePlainAttention) {
  nlohmann::json config = TinyConfig("nystromformer");
  config["num_landmarks"] = 8;
  config["segment_means_seq_len"] = 8;
  const auto model = MustBuild(config);
  EXPECT_THAT(model->RandomInputs(13, 1, 1), IsOk());
  // A job that would profile it is refused: it would measure plain attention.
  EXPECT_THAT(BuildModel(config.dump(), {.profiling = true}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("plain softmax attention")));
  config.erase("segment_means_seq_len");
  const auto profiled = MustBuild(config, {.profiling = true});
  EXPECT_THAT(profiled->RandomInputs(8, 1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("from 9 to 64")));
}

TEST(NystromformerTest, NoLengthLeftToProfileIsRefused) {
  nlohmann::json config = TinyConfig("nystromformer");
  config["num_landmarks"] = 64;
  EXPECT_THAT(BuildModel(config.dump(), {.profiling = true}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("num_landmarks"), HasSubstr("max_position_embeddings"))));
}

TEST(NystromformerTest, ConvolutionCanBeLeftOut) {
  nlohmann::json config = TinyConfig("nystromformer");
  config["conv_kernel_size"] = nullptr;
  const auto model = MustBuild(config);
  for (const auto& [name, tensor] : model->NamedTensors()) {
    EXPECT_EQ(name.find("conv"), std::string::npos);
  }
  EXPECT_TRUE(
      Infer(*model, TinyInputs("nystromformer", kTinyLength, 1)).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace cusp::models
