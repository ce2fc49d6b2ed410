// What must hold for every model of the table.
#include "worker/models/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class EveryModelTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Model> Build(const BuildOptions& build = {}) const {
    return MustBuild(TinyConfig(GetParam()), build);
  }
  Inputs MaskedInputs() const { return TinyInputs(GetParam(), kTinyLength, 5); }
};

TEST_P(EveryModelTest, OutputHasShapeOfInput) {
  const auto model = Build();
  const at::Tensor output = Infer(*model, MaskedInputs());
  EXPECT_EQ(output.sizes(), at::IntArrayRef({2, kTinyLength, 16}));
  EXPECT_TRUE(output.isfinite().all().item<bool>());
  EXPECT_THAT(model->AttentionUsed(), Not(IsEmpty()));
}

TEST_P(EveryModelTest, SameSeedGivesSameModelAndInputs) {
  const auto first = Build({.seed = 7});
  const auto second = Build({.seed = 7});
  const auto inputs = first->RandomInputs(kTinyLength, 3, 9);
  const auto again = second->RandomInputs(kTinyLength, 3, 9);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_TRUE(inputs->at("input_ids").equal(again->at("input_ids")));
  EXPECT_TRUE(Infer(*first, *inputs).equal(Infer(*second, *again)));
}

TEST_P(EveryModelTest, OtherSeedGivesOtherModelAndInputs) {
  const auto first = Build({.seed = 7});
  const auto second = Build({.seed = 8});
  const auto inputs = first->RandomInputs(kTinyLength, 3, 9);
  const auto others = first->RandomInputs(kTinyLength, 3, 10);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_FALSE(inputs->at("input_ids").equal(others->at("input_ids")));
  EXPECT_FALSE(Infer(*first, *inputs).equal(Infer(*second, *inputs)));
}

TEST_P(EveryModelTest, RandomInputsPassTheCheck) {
  const auto model = Build();
  const auto inputs = model->RandomInputs(kTinyLength, 2, 1);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_THAT(model->CheckInputs(*inputs), IsOk());
  EXPECT_GT(inputs->at("input_ids").to(at::kDouble).std(false).item<double>(), 0);
}

TEST_P(EveryModelTest, TooLongAnInputIsRefused) {
  const auto model = Build();
  EXPECT_THAT(model->RandomInputs(65, 1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("length 65 is out of range")));
  EXPECT_THAT(model->RandomInputs(0, 1, 1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(model->RandomInputs(kTinyLength, 0, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch_size")));
}

TEST_P(EveryModelTest, ProfilingTakesAnyLengthOverALandmark) {
  const auto model = Build({.profiling = true});
  for (const int64_t length : {5, 17, 33, 62}) {
    const auto inputs = model->RandomInputs(length, 1, 1);
    ASSERT_THAT(inputs, IsOk()) << length;
    EXPECT_EQ(Infer(*model, *inputs).size(1), length);
  }
}

TEST_P(EveryModelTest, MaskOfOnesChangesNothing) {
  const auto model = Build();
  auto inputs = model->RandomInputs(kTinyLength, 2, 1);
  ASSERT_THAT(inputs, IsOk());
  const at::Tensor without = Infer(*model, *inputs);
  (*inputs)["attention_mask"] = ops::Full({2, kTinyLength}, 1, at::kLong, at::kCPU);
  (*inputs)["token_type_ids"] = ops::Full({2, kTinyLength}, 0, at::kLong, at::kCPU);
  EXPECT_LT(ScaledDifference(Infer(*model, *inputs), without), 1e-6);
}

TEST_P(EveryModelTest, NamesAreUniqueAndParametersComplete) {
  const auto model = Build({.training = true});
  std::set<std::string> names;
  for (const auto& [name, tensor] : model->NamedTensors()) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(tensor.requires_grad()) << name;
  }
  EXPECT_EQ(model->Parameters().size(), names.size());
}

TEST_P(EveryModelTest, EveryParameterGetsAGradient) {
  const auto model = Build({.training = true});
  const at::Tensor output = model->Forward(MaskedInputs());
  output.mul(RandomNormal(output.sizes(), 3)).sum().backward();
  for (const auto& [name, tensor] : model->NamedTensors()) {
    ASSERT_TRUE(tensor.grad().defined()) << name;
    EXPECT_TRUE(tensor.grad().isfinite().all().item<bool>()) << name;
    EXPECT_GT(tensor.grad().abs().max().item<double>(), 0) << name;
  }
}

// Central differences at the entry with the largest gradient and at one drawn.
TEST_P(EveryModelTest, GradientsAgreeWithFiniteDifferences) {
  constexpr double kStep = 1e-5;
  const auto model = Build({.dtype = at::kDouble, .training = true});
  const Inputs inputs = MaskedInputs();
  const at::Tensor direction = RandomNormal({2, kTinyLength, 16}, 3, 1, at::kDouble);
  const auto loss = [&] { return model->Forward(inputs).mul(direction).sum(); };
  loss().backward();
  int64_t drawn = 0;
  for (const auto& [name, tensor] : model->NamedTensors()) {
    at::Tensor flat = tensor.detach().view({-1});
    const at::Tensor gradient = tensor.grad().reshape({-1});
    drawn += 7919;
    for (const int64_t at : {gradient.abs().argmax().item<int64_t>(), drawn % flat.numel()}) {
      at::Tensor entry = flat.select(0, at);
      entry.add_(kStep);
      const double above = Infer(*model, inputs).mul(direction).sum().item<double>();
      entry.sub_(2 * kStep);
      const double below = Infer(*model, inputs).mul(direction).sum().item<double>();
      entry.add_(kStep);
      const double expected = (above - below) / (2 * kStep);
      EXPECT_NEAR(gradient.select(0, at).item<double>(), expected, 1e-5 * (1 + std::abs(expected)))
          << name << " at " << at;
    }
  }
}

TEST_P(EveryModelTest, Bfloat16StaysNearFloat32) {
  const auto single = Build();
  const auto half = Build({.dtype = at::kBFloat16});
  const Inputs inputs = MaskedInputs();
  const at::Tensor output = Infer(*half, inputs);
  EXPECT_EQ(output.scalar_type(), at::kBFloat16);
  // 8 bits of mantissa, two layers: a few parts in a hundred at the worst entry.
  EXPECT_LT(ScaledDifference(output, Infer(*single, inputs), inputs.at("attention_mask")), 0.15);
}

TEST_P(EveryModelTest, MemoryGrowsAsPromised) {
  nlohmann::json config = TinyConfig(GetParam());
  config["max_position_embeddings"] = 4100;
  const auto model = MustBuild(config, {.profiling = true});
  const auto bytes = [&](int64_t length) {
    return static_cast<double>(AllocatedBytesOf(*model, *model->RandomInputs(length, 1, 1)));
  };
  const double growth = (bytes(4096) - bytes(2048)) / (bytes(2048) - bytes(1024));
  // Doubling the steps doubles a linear cost and quadruples a quadratic one.
  if (GetParam() == "bert") {
    EXPECT_GT(growth, 3.5);
  } else {
    EXPECT_LT(growth, 2.1);
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryModelTest, ::testing::ValuesIn(ModelTypes()),
                         [](const auto& test) { return test.param; });

TEST(RegistryTest, UnknownModelTypeIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(BuildModel(R"({"model_type": "longfromer"})", {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("model_type"), HasSubstr("longformer"))));
  EXPECT_THAT(BuildModel("{}", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model_type: missing")));
  EXPECT_THAT(BuildModel(R"({"model_type": 3})", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model_type")));
}

}  // namespace
}  // namespace cusp::models
