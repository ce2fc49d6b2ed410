#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/identity_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

constexpr const char* kResamplings[] = {"linear", "average", "attention"};

nlohmann::json Hourglass(const std::string& resampling, int64_t factor) {
  nlohmann::json config = TinyConfig("hourglass");
  config["resampling"] = resampling;
  config["shorten_factor"] = factor;
  config["shortened_layers"] = 2;
  return config;
}

// The definition, group by group and token by token.
class SlowHourglass {
 public:
  SlowHourglass(const nlohmann::json& config, const Model& model)
      : resampling_(config.at("resampling")),
        factor_(config.at("shorten_factor")),
        tensors_(TensorsOf(model)) {}

  at::Tensor operator()(const Inputs& inputs) const {
    const at::Tensor keep = KeepOf(inputs);
    const at::Tensor x = Stack("pre.", SlowEmbedding(tensors_, inputs), keep);
    const at::Tensor group_keep = Groups(keep.unsqueeze(2), keep).amax(2).squeeze(2).gt(0);
    const at::Tensor groups =
        Stack("shortened.", Shortened(x, keep), group_keep).mul(group_keep.unsqueeze(2));
    return SlowNorm(tensors_, "norm", Stack("post.", Lengthened(x, groups, group_keep), keep));
  }

  at::Tensor Stack(const std::string& name, at::Tensor x, const at::Tensor& keep) const {
    const at::Tensor place = ops::Arange(x.size(1), at::kCPU);
    for (int64_t i = 0; !Below(tensors_, name + std::to_string(i) + ".").empty(); ++i) {
      const SlowTensors layer = Below(tensors_, name + std::to_string(i) + ".");
      x = SlowPreNormLayer(layer, x, [&](const at::Tensor& y) {
        return MergeHeads(
            AttentionWhere({y, keep, 2, Below(layer, "attention.")}, place.le(place.unsqueeze(1))));
      });
    }
    return x;
  }

 private:
  // [B, c, factor, d]: tokens i * factor - (factor - 1) to i * factor of x [B, n, d], zero
  // where there is none or it is padding.
  at::Tensor Groups(const at::Tensor& x, const at::Tensor& keep) const {
    std::vector<at::Tensor> groups;
    for (int64_t end = 0; end < x.size(1); end += factor_) {
      std::vector<at::Tensor> members;
      for (int64_t j = end - factor_ + 1; j <= end; ++j) {
        const at::Tensor member = x.narrow(1, std::max<int64_t>(j, 0), 1);
        const at::Tensor real = keep.narrow(1, std::max<int64_t>(j, 0), 1).unsqueeze(2);
        members.push_back(member.mul(real).mul(j < 0 ? 0 : 1));
      }
      groups.push_back(ops::Cat(members, 1).unsqueeze(1));
    }
    return ops::Cat(groups, 1);
  }

  at::Tensor Shortened(const at::Tensor& x, const at::Tensor& keep) const {
    const at::Tensor groups = Groups(x, keep);
    if (resampling_ == "linear") {
      return SlowLinear(tensors_, "shortening", groups.flatten(2));
    }
    const at::Tensor means = groups.sum(2).div(factor_);
    if (resampling_ == "average") {
      return means;
    }
    const at::Tensor end = ops::Arange(means.size(1), at::kCPU).mul(factor_).unsqueeze(1);
    return Attended("shortening.", means, x, keep, ops::Arange(x.size(1), at::kCPU).le(end));
  }

  at::Tensor Lengthened(const at::Tensor& x, const at::Tensor& groups,
                        const at::Tensor& group_keep) const {
    const int64_t d = x.size(2);
    std::vector<at::Tensor> tokens;
    for (int64_t t = 0; t < x.size(1); ++t) {
      const at::Tensor group = groups.narrow(1, t / factor_, 1);
      const at::Tensor mine =
          resampling_ == "average"
              ? group
              : SlowLinear(tensors_, "upsampling.linear", group).narrow(2, t % factor_ * d, d);
      tokens.push_back(x.narrow(1, t, 1).add(mine));
    }
    const at::Tensor sum = ops::Cat(tokens, 1);
    if (resampling_ != "attention") {
      return sum;
    }
    const at::Tensor end = ops::Arange(groups.size(1), at::kCPU).mul(factor_);
    return Attended("upsampling.", sum, groups, group_keep,
                    end.le(ops::Arange(x.size(1), at::kCPU).unsqueeze(1)));
  }

  // x [B, m, d] attends to the source [B, s, d] where allowed [m, s] says so.
  at::Tensor Attended(const std::string& name, const at::Tensor& x, const at::Tensor& source,
                      const at::Tensor& keep, const at::Tensor& allowed) const {
    const SlowTensors tensors = Below(tensors_, name);
    const at::Tensor normed = SlowNorm(tensors, "source_norm", source);
    // Who may see padding alone takes the mean of it.
    const at::Tensor hidden =
        allowed.logical_not().to(at::kDouble).add(keep.logical_not().unsqueeze(1)).unsqueeze(1);
    return SlowPreNormLayer(tensors, x, [&](const at::Tensor& y) {
      const at::Tensor q = SplitHeads(SlowLinear(tensors, "query", y), 2);
      const at::Tensor k = SplitHeads(SlowLinear(tensors, "key", normed), 2);
      return MergeHeads(q.matmul(k.transpose(2, 3))
                            .div(std::sqrt(static_cast<double>(q.size(3))))
                            .add(hidden.mul(MaskValue(at::kDouble)))
                            .softmax(-1)
                            .matmul(SplitHeads(SlowLinear(tensors, "value", normed), 2)));
    });
  }

  std::string resampling_;
  int64_t factor_;
  SlowTensors tensors_;
};

TEST(HourglassTest, EqualsItsDefinition) {
  for (const char* resampling : kResamplings) {
    for (const int64_t factor : {1, 2, 3, 5}) {
      const nlohmann::json config = Hourglass(resampling, factor);
      const auto model = MustBuild(config, {.dtype = at::kDouble});
      for (const int64_t length : {1, 2, 13, 24}) {
        Inputs inputs = TinyInputs("hourglass", length, 1);
        EXPECT_LT(ScaledDifference(Infer(*model, inputs), SlowHourglass(config, *model)(inputs),
                                   inputs.at("attention_mask")),
                  1e-9)
            << config << ", length " << length;
      }
    }
  }
}

// Groups of padding alone, before and between real ones.
TEST(HourglassTest, PaddingAnywhereIsNotSeen) {
  for (const char* resampling : kResamplings) {
    const nlohmann::json config = Hourglass(resampling, 3);
    const auto model = MustBuild(config, {.dtype = at::kDouble});
    Inputs inputs = TinyInputs("hourglass", 24, 1);
    inputs["attention_mask"].select(0, 0).narrow(0, 0, 5).zero_();
    inputs["attention_mask"].select(0, 1).narrow(0, 4, 9).zero_();
    const at::Tensor mask = inputs.at("attention_mask");
    const at::Tensor output = Infer(*model, inputs);
    EXPECT_LT(ScaledDifference(output, SlowHourglass(config, *model)(inputs), mask), 1e-9);
    inputs["input_ids"] = inputs.at("input_ids").masked_fill(mask.eq(0), 9);
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), output, mask), 1e-12) << resampling;
  }
}

// pre; x + inner(x); post.
TEST(HourglassTest, FactorOneAddsTheInnerLayers) {
  const nlohmann::json config = Hourglass("average", 1);
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  const SlowHourglass slow(config, *model);
  const SlowTensors tensors = TensorsOf(*model);
  for (const int64_t length : {1, 7, 24}) {
    const Inputs inputs = TinyInputs("hourglass", length, 1);
    const at::Tensor keep = KeepOf(inputs);
    const at::Tensor x = slow.Stack("pre.", SlowEmbedding(tensors, inputs), keep);
    // Padding enters the inner layers as zeros.
    const at::Tensor inner = slow.Stack("shortened.", x.mul(keep.unsqueeze(2)), keep);
    const at::Tensor expected = SlowNorm(tensors, "norm", slow.Stack("post.", x.add(inner), keep));
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected, inputs.at("attention_mask")), 1e-9);
  }
}

TEST(HourglassTest, NoTokenSeesALaterOne) {
  for (const char* resampling : kResamplings) {
    const auto model = MustBuild(Hourglass(resampling, 4), {.dtype = at::kDouble});
    const at::Tensor ids = TinyInputs("hourglass", 24, 1).at("input_ids");
    const at::Tensor before = Infer(*model, {{"input_ids", ids}});
    for (const int64_t changed : {5, 7, 8, 9}) {
      at::Tensor others = ids.clone();
      others.select(1, changed).fill_(1);
      const at::Tensor after = Infer(*model, {{"input_ids", others}});
      EXPECT_LT(ScaledDifference(after.narrow(1, 0, changed), before.narrow(1, 0, changed)), 1e-12);
      EXPECT_GT(ScaledDifference(after.narrow(1, changed, 1), before.narrow(1, changed, 1)), 1e-6);
    }
  }
}

TEST(HourglassTest, PiecesOfAnySizeEqualTheWhole) {
  for (const char* resampling : kResamplings) {
    for (const int64_t factor : {1, 2, 5}) {
      ExpectPiecesEqualTheWhole(
          Hourglass(resampling, factor), 23,
          {std::vector<int64_t>(23, 1), {23}, {1, 3, 6, 2, 11}, {10, 5, 1, 7}});
    }
  }
}

TEST(HourglassTest, FormulasHoldForEveryResampling) {
  for (const char* resampling : kResamplings) {
    for (const int64_t factor : {1, 4}) {
      nlohmann::json config = Hourglass(resampling, factor);
      config["pre_layers"] = 2;
      config["post_layers"] = 0;
      ExpectCostsAsCounted(config);
      ExpectParametersAsBuilt(config);
    }
  }
}

TEST(HourglassTest, AxesHoldForEveryResampling) {
  for (const char* resampling : kResamplings) {
    nlohmann::json config = Hourglass(resampling, 4);
    // A stack without layers has none to share.
    config.update({{"pre_layers", 0}, {"post_layers", 3}, {"share_layers", true}});
    ExpectParametersAsBuilt(config);
    config.update({{"prune", 0.5}, {"checkpointing", true}});
    ExpectParametersAsBuilt(config);
    ExpectCostsAsCounted(config);
    ExpectDecodeCostsAsCounted(config);
  }
}

TEST(HourglassTest, EveryBackendComputesTheSame) {
  for (const char* resampling : kResamplings) {
    ExpectEveryBackendAgrees(Hourglass(resampling, 3), TinyInputs("hourglass", 23, 1));
  }
}

// Scores of a shortened layer are fewer by the square of the factor, all else by the factor.
TEST(HourglassTest, ShorteningSavesMemory) {
  nlohmann::json config = Hourglass("average", 1);
  config["pre_layers"] = 0;
  config["post_layers"] = 0;
  config["max_position_embeddings"] = 1024;
  const auto bytes = [&](int64_t factor) {
    config["shorten_factor"] = factor;
    const auto model = MustBuild(config);
    return static_cast<double>(AllocatedBytesOf(*model, *model->RandomInputs(1024, 1, 1)));
  };
  EXPECT_LT(bytes(4), 1.5 / 16 * bytes(1));
}

TEST(HourglassTest, WhatItIsNotIsRefused) {
  nlohmann::json config = Hourglass("linear", 2);
  config["is_decoder"] = false;
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("causal by definition")));
  config = Hourglass("linear", 2);
  config["num_hidden_layers"] = 3;
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("num_hidden_layers")));
  config = Hourglass("linear", 65);
  EXPECT_THAT(BuildModel(config.dump(), {.longest_length = 64, .profiling = true}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shorten_factor 65")));
}

}  // namespace
}  // namespace cusp::models
