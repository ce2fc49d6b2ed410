#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

nlohmann::json BigBird(int64_t block, int64_t random) {
  nlohmann::json config = TinyConfig("big_bird");
  config["hidden_act"] = "gelu";
  config["block_size"] = block;
  config["num_random_blocks"] = random;
  return config;
}

// Dense attention in which a block in the middle sees the first one `random` times more.
SlowAttention InBlocks(int64_t block, int64_t random) {
  return [block, random](const SlowLayer& layer) {
    const int64_t n = layer.x.size(1);
    const int64_t last = (n - 1) / block;
    const at::Tensor mine = ops::Arange(n, at::kCPU).floor_divide(block);
    const at::Tensor row = mine.unsqueeze(1);
    const at::Tensor end = row.eq(0).logical_or(row.eq(last));
    const at::Tensor seen =
        row.sub(mine).abs().le(1).logical_or(end).logical_or(mine.eq(0).logical_or(mine.eq(last)));
    const at::Tensor times =
        seen.to(at::kDouble)
            .add(mine.eq(0).logical_and(end.logical_not()).to(at::kDouble).mul(random));
    const at::Tensor q = layer.Heads("query");
    return q.matmul(layer.Heads("key").transpose(2, 3))
        .div(std::sqrt(static_cast<double>(q.size(3))))
        .add(times.log())
        .masked_fill(layer.keep.logical_not().unsqueeze(1).unsqueeze(1), MaskValue(at::kDouble))
        .softmax(-1)
        .matmul(layer.Heads("value"));
  };
}

TEST(BigBirdTest, EqualsDenseAttentionThatCountsTheFirstBlockMoreOften) {
  for (const int64_t heads : {1, 2, 4}) {
    for (const int64_t random : {0, 1, 3}) {
      nlohmann::json config = BigBird(3, random);
      config["num_attention_heads"] = heads;
      const int64_t longest_full = (5 + 2 * random) * 3;
      ExpectEqualsSlowly(config, {longest_full + 1, longest_full + 5, 62}, InBlocks(3, random));
    }
  }
}

TEST(BigBirdTest, ShortInputsGetFullAttention) {
  ExpectEqualsSlowly(BigBird(3, 2), {1, 4, 26, 27}, PlainSlowAttention);
  nlohmann::json config = BigBird(3, 2);
  config["attention_type"] = "original_full";
  ExpectEqualsSlowly(config, {1, 28, 61}, PlainSlowAttention);
}

// The zone without a difference: neither padding nor a mask makes one.
TEST(BigBirdTest, ShortInputsTakeTheMemoryThatBertTakes) {
  const auto big_bird = MustBuild(BigBird(3, 2), {.profiling = true});
  const auto bert = MustBuild(TinyConfig("bert"), {.profiling = true});
  for (const int64_t length : {5, 26, 27}) {
    const Inputs inputs = *bert->RandomInputs(length, 2, 1);
    EXPECT_EQ(AllocatedBytesOf(*big_bird, inputs), AllocatedBytesOf(*bert, inputs)) << length;
  }
  const Inputs inputs = *bert->RandomInputs(28, 2, 1);
  EXPECT_NE(AllocatedBytesOf(*big_bird, inputs), AllocatedBytesOf(*bert, inputs));
}

TEST(BigBirdTest, RandomBlocksAreDrawnWhenProfiling) {
  const auto outputs = [](uint64_t seed, bool profiling) {
    const auto model = MustBuild(BigBird(2, 1), {.seed = seed, .profiling = profiling});
    // The same weights, whatever is drawn.
    const auto weights = MustBuild(BigBird(2, 1));
    for (auto [name, tensor] : model->NamedTensors()) {
      tensor.copy_(TensorsOf(*weights).at(name));
    }
    return Infer(*model, TinyInputs("big_bird", kTinyLength, 1));
  };
  EXPECT_TRUE(outputs(1, false).equal(outputs(2, false)));
  EXPECT_TRUE(outputs(1, true).equal(outputs(1, true)));
  EXPECT_FALSE(outputs(1, true).equal(outputs(2, true)));
  EXPECT_FALSE(outputs(1, true).equal(outputs(1, false)));
}

TEST(BigBirdTest, FormulasFollowEveryKey) {
  for (const int64_t random : {0, 2}) {
    nlohmann::json config = BigBird(3, random);
    config["use_bias"] = random > 0;
    config["rescale_embeddings"] = true;
    ExpectCostsAsCounted(config);
    ExpectParametersAsBuilt(config);
  }
  nlohmann::json config = BigBird(3, 2);
  config["attention_type"] = "original_full";
  ExpectCostsAsCounted(config);
}

TEST(BigBirdTest, BlockBeyondTheLongestInputIsNotProfiled) {
  EXPECT_THAT(BuildModel(BigBird(65, 1).dump(), {.longest_length = 64, .profiling = true}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("block_size 65 is larger")));
}

}  // namespace
}  // namespace cusp::models
