#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/identity_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

nlohmann::json Cascade(int64_t layers, const std::vector<int64_t>& exits, double drop_fraction) {
  nlohmann::json config = TinyConfig("cascade");
  config["num_hidden_layers"] = layers;
  config["exit_layers"] = exits;
  config["drop_fraction"] = drop_fraction;
  return config;
}

// `batch` candidates, the later the shorter.
Inputs Candidates(int64_t batch, int64_t length, uint64_t seed) {
  at::Tensor ids = ops::Empty({batch, length}, at::kLong, at::kCPU);
  ids.random_(2, 37, ops::CpuGenerator(seed));
  at::Tensor mask = ops::Full({batch, length}, 1, at::kLong, at::kCPU);
  for (int64_t i = 0; i < batch; ++i) {
    mask.select(0, i).narrow(0, length - i, i).zero_();
  }
  return {{"input_ids", ids}, {"attention_mask", mask}};
}

Inputs Row(const Inputs& inputs, int64_t row) {
  Inputs one;
  for (const auto& [name, tensor] : inputs) {
    one[name] = tensor.narrow(0, row, 1);
  }
  return one;
}

// Candidates of a list, each by itself, and who of them remains.
class SlowCascade {
 public:
  SlowCascade(const Model& model, const Inputs& inputs) : tensors_(TensorsOf(model)) {
    // No token is padding, so positions begin after it: in row 2.
    auto& positions = tensors_.at("embeddings.position_embeddings.weight");
    positions = positions.narrow(0, 2, positions.size(0) - 2);
    for (int64_t i = 0; i < inputs.at("input_ids").size(0); ++i) {
      remaining_.push_back(i);
      keep_.push_back(KeepOf(Row(inputs, i)));
      states_.push_back(SlowEmbedding(tensors_, Row(inputs, i)));
    }
  }

  void RunLayer(int64_t layer) {
    const SlowTensors tensors = Below(tensors_, "encoder.layer." + std::to_string(layer) + ".");
    for (const size_t i : remaining_) {
      states_[i] = SlowEncoderLayer(tensors, states_[i], keep_[i], 2, PlainSlowAttention);
    }
  }

  void Rank(int64_t ranker, double drop_fraction) {
    const SlowTensors tensors = Below(tensors_, "rankers." + std::to_string(ranker) + ".");
    const auto score = [&](size_t i) {
      const at::Tensor first = states_[i].select(0, 0).select(0, 0);
      return first.mul(tensors.at("weight").select(0, 0)).sum().item<double>();
    };
    std::sort(remaining_.begin(), remaining_.end(),
              [&](size_t a, size_t b) { return score(a) > score(b); });
    const double dropped = std::floor(drop_fraction * static_cast<double>(remaining_.size()));
    remaining_.resize(remaining_.size() - static_cast<size_t>(dropped));
  }

  at::Tensor states() const { return ops::Cat(states_, 0); }
  size_t remaining() const { return remaining_.size(); }

 private:
  SlowTensors tensors_;
  std::vector<size_t> remaining_;
  std::vector<at::Tensor> keep_;
  std::vector<at::Tensor> states_;
};

void ExpectEqualsOneByOne(const nlohmann::json& config, int64_t batch, size_t left) {
  SCOPED_TRACE(::testing::Message() << config << ", batch " << batch);
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  const Inputs inputs = Candidates(batch, 13, static_cast<uint64_t>(batch));
  SlowCascade slow(*model, inputs);
  int64_t ranker = 0;
  for (int64_t layer = 0; layer < config.at("num_hidden_layers").get<int64_t>(); ++layer) {
    slow.RunLayer(layer);
    for (const int64_t exit : config.at("exit_layers")) {
      if (exit == layer + 1) {
        slow.Rank(ranker++, config.at("drop_fraction"));
      }
    }
  }
  EXPECT_EQ(slow.remaining(), left);
  EXPECT_LT(ScaledDifference(Infer(*model, inputs), slow.states(), inputs.at("attention_mask")),
            1e-9);
}

TEST(CascadeTest, EveryRankerDropsTheLowestWhichStayAsTheyWere) {
  ExpectEqualsOneByOne(Cascade(2, {1}, 0.5), 2, 1);
  ExpectEqualsOneByOne(Cascade(3, {1, 2}, 0.3), 1, 1);
  ExpectEqualsOneByOne(Cascade(3, {1, 2}, 0.3), 3, 3);
  ExpectEqualsOneByOne(Cascade(3, {1, 2}, 0.3), 7, 4);
  ExpectEqualsOneByOne(Cascade(5, {2, 3, 4}, 0.4), 11, 3);
  ExpectEqualsOneByOne(Cascade(4, {1, 3}, 0.9), 12, 1);
}

TEST(CascadeTest, NobodyDroppedIsRoberta) {
  const Inputs inputs = Candidates(5, 13, 1);
  const at::Tensor expected = Infer(*MustBuild(TinyConfig("roberta")), inputs);
  EXPECT_TRUE(Infer(*MustBuild(Cascade(2, {1}, 0)), inputs).equal(expected));
  EXPECT_TRUE(Infer(*MustBuild(Cascade(2, {1}, 0.5), {.training = true}), inputs).equal(expected));
  EXPECT_FALSE(Infer(*MustBuild(Cascade(2, {1}, 0.5)), inputs).equal(expected));
}

TEST(CascadeTest, OrderOfCandidatesDoesNotMatter) {
  const auto model = MustBuild(Cascade(4, {1, 2, 3}, 0.3), {.dtype = at::kDouble});
  const Inputs inputs = Candidates(9, 13, 1);
  const at::Tensor order = ops::Arange(9, at::kCPU).mul(4).remainder(9);
  Inputs reordered;
  for (const auto& [name, tensor] : inputs) {
    reordered[name] = tensor.index_select(0, order);
  }
  EXPECT_LT(ScaledDifference(Infer(*model, reordered), Infer(*model, inputs).index_select(0, order),
                             reordered.at("attention_mask")),
            1e-12);
}

TEST(CascadeTest, EveryBackendComputesTheSame) {
  ExpectEveryBackendAgrees(Cascade(3, {1, 2}, 0.4), Candidates(7, 13, 1));
}

// The formula check takes three candidates.
TEST(CascadeTest, CostsFollowTheShrinkingBatch) {
  ExpectCostsAsCounted(Cascade(4, {1, 3}, 0.34));
  ExpectCostsAsCounted(Cascade(3, {1, 2}, 0.67));
  ExpectCostsAsCounted(Cascade(3, {1, 2}, 0.3));
}

TEST(CascadeTest, MoreCandidatesDroppedIsLessMemory) {
  const Inputs inputs = Candidates(10, 24, 1);
  const auto bytes = [&](double drop_fraction) {
    return AllocatedBytesOf(*MustBuild(Cascade(8, {1}, drop_fraction)), inputs);
  };
  EXPECT_LT(static_cast<double>(bytes(0.9)), 0.35 * static_cast<double>(bytes(0)));
}

TEST(CascadeTest, ExitsThatSaveNothingAreRefused) {
  EXPECT_THAT(BuildModel(Cascade(3, {1, 3}, 0.5).dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("exit_layers"), HasSubstr("use 1 to 2"))));
  EXPECT_THAT(BuildModel(Cascade(4, {2, 2}, 0.5).dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("in order")));
}

}  // namespace
}  // namespace cusp::models
