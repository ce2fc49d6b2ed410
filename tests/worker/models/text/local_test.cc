#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/identity_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

// Dense attention under the mask of "same block".
SlowAttention InBlocks(int64_t block) {
  return [block](const SlowLayer& layer) {
    const at::Tensor mine = ops::Arange(layer.x.size(1), at::kCPU).floor_divide(block);
    return AttentionWhere(layer, mine.eq(mine.unsqueeze(1)));
  };
}

TEST(LocalTest, EqualsAttentionUnderABlockMask) {
  for (const int64_t heads : {1, 2, 4}) {
    for (const int64_t block : {1, 3, 8, 24, 100}) {
      nlohmann::json config = TinyConfig("local");
      config["num_attention_heads"] = heads;
      config["block_size"] = block;
      ExpectEqualsSlowly(config, {1, 2, 23, 24, 64}, InBlocks(block));
    }
  }
}

TEST(LocalTest, BlockAsLongAsTheInputIsFullAttention) {
  nlohmann::json config = TinyConfig("local");
  for (const int64_t block : {24, 31}) {
    config["block_size"] = block;
    const Inputs inputs = TinyInputs("local", kTinyLength, 1);
    EXPECT_LT(ScaledDifference(Infer(*MustBuild(config), inputs),
                               Infer(*MustBuild(TinyConfig("bert")), inputs),
                               inputs.at("attention_mask")),
              1e-5)
        << block;
  }
}

TEST(LocalTest, EveryBackendComputesTheSame) {
  ExpectEveryBackendAgrees(TinyConfig("local"), TinyInputs("local", 23, 1));
}

TEST(LocalTest, BlockBeyondTheLongestInputIsNotProfiled) {
  nlohmann::json config = TinyConfig("local");
  config["block_size"] = 65;
  EXPECT_THAT(BuildModel(config.dump(), {.longest_length = 64, .profiling = true}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("block_size 65 is larger")));
}

}  // namespace
}  // namespace cusp::models
