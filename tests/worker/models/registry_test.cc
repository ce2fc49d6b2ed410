// What must hold for every model of the table.
#include "worker/models/registry.h"

#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/models/product_counter.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/config.h"
#include "worker/models/layers/components.h"
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
  if (GetParam() != "fnet") {  // which has none
    EXPECT_THAT(model->AttentionUsed(), Not(IsEmpty()));
  }
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
  const auto mask = inputs.find("attention_mask");
  EXPECT_LT(ScaledDifference(output, Infer(*single, inputs),
                             mask == inputs.end() ? at::Tensor() : mask->second),
            0.15);
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
  if (catalog::FindModel(GetParam())->cost_order.starts_with("O(n^2")) {
    EXPECT_GT(growth, 3.5);
  } else {
    EXPECT_LT(growth, 2.1);
  }
}

// Formula against what LibTorch ran, over lengths that are no multiple of anything.
TEST_P(EveryModelTest, CostFormulasAgreeWithCountedProducts) {
  const nlohmann::json config = TinyConfig(GetParam());
  const auto complete = Config::Parse(config.dump(), /*profiling=*/true, kTinyLength);
  ASSERT_THAT(complete, IsOk());
  for (const bool training : {false, true}) {
    for (const int64_t length : {int64_t{19}, int64_t{62}}) {
      SCOPED_TRACE(::testing::Message() << "length " << length << " training " << training);
      const auto model = MustBuild(config, {.training = training, .profiling = true});
      const auto inputs = model->RandomInputs(length, 3, 1);
      ASSERT_THAT(inputs, IsOk());
      const ProductCounter counted;
      if (training) {
        model->Forward(*inputs).square().mean().backward();
      } else {
        Infer(*model, *inputs);
      }
      catalog::CostTally tally(
          {.length = length,
           .batch_size = 3,
           .pass = training ? catalog::Pass::kTraining : catalog::Pass::kInference});
      complete->model().rules.cost(complete->values(), tally.work(), tally);
      EXPECT_NEAR(tally.Total().flops / counted.flops(), 1, 0.01);
      EXPECT_NEAR(tally.Total().bytes / counted.bytes(), 1, 0.01);
    }
  }
}

TEST_P(EveryModelTest, ParameterFormulaCountsWhatIsBuilt) {
  const nlohmann::json config = TinyConfig(GetParam());
  int64_t built = 0;
  for (const at::Tensor& parameter : MustBuild(config)->Parameters()) {
    built += parameter.numel();
  }
  EXPECT_EQ(Config::Parse(config.dump(), false, kTinyLength)->parameters(),
            static_cast<double>(built));
}

// What a job measures: the catalog's completion of a preset.
TEST_P(EveryModelTest, PresetCanBeProfiled) {
  constexpr int64_t kLongest = 96;
  catalog::ConfigRequest request;
  request.model = catalog::FindModel(GetParam());
  request.preset = catalog::FindPreset("tiny");
  request.longest_length = kLongest;
  const catalog::ConfigOutcome outcome = catalog::CompleteConfigOf(request);
  ASSERT_THAT(outcome.faults, IsEmpty());
  const auto model = BuildModel(outcome.config.json, {.profiling = true});
  ASSERT_THAT(model, IsOk());
  EXPECT_THAT((*model)->RandomInputs(kLongest, 1, 1), IsOk());
}

// Every moment belongs to one component, the first of which opens the pass.
TEST_P(EveryModelTest, ComponentsAreMarkedWhereTheyCost) {
  class Listener : public ComponentListener {
   public:
    void Enter(Component component) override { heard.insert(component); }
    std::set<Component> heard;
  };
  const nlohmann::json config = TinyConfig(GetParam());
  const auto model = MustBuild(config, {.profiling = true});
  Listener listener;
  {
    const ComponentScope scope(&listener);
    Infer(*model, *model->RandomInputs(kTinyLength, 1, 1));
  }
  const auto complete = Config::Parse(config.dump(), true, kTinyLength);
  catalog::CostTally tally({.length = kTinyLength});
  complete->model().rules.cost(complete->values(), tally.work(), tally);
  for (size_t i = 0; i < catalog::kComponents; ++i) {
    const auto component = static_cast<Component>(i);
    if (tally[component].flops > 0) {
      EXPECT_TRUE(listener.heard.contains(component)) << catalog::ToText(component);
    }
  }
}

// Any split of a sequence gives what the causal pass over the whole gives.
TEST_P(EveryModelTest, DecodingEqualsTheCausalForward) {
  if (!catalog::FindModel(GetParam())->decode) {
    EXPECT_EQ(MustBuild(TinyConfig(GetParam()))->NewState(), nullptr);
    return;
  }
  nlohmann::json config = TinyConfig(GetParam());
  config["is_decoder"] = true;
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  const auto inputs = model->RandomInputs(kTinyLength, 2, 1);
  const at::Tensor whole = Infer(*model, *inputs);
  const at::Tensor ids = inputs->at("input_ids");
  for (const std::vector<int64_t>& pieces :
       {std::vector<int64_t>(kTinyLength, 1), std::vector<int64_t>{kTinyLength},
        std::vector<int64_t>{5, 1, 1, 7, kTinyLength - 14}}) {
    const auto state = model->NewState();
    ASSERT_NE(state, nullptr);
    int64_t at = 0;
    for (const int64_t piece : pieces) {
      const c10::InferenceMode guard;
      const at::Tensor output = model->Extend(ids.narrow(1, at, piece), *state);
      EXPECT_LT(ScaledDifference(output, whole.narrow(1, at, piece)), 1e-9)
          << "tokens " << at << " to " << at + piece;
      at += piece;
      EXPECT_EQ(state->length, at);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryModelTest, ::testing::ValuesIn(ModelTypes()),
                         [](const auto& test) { return test.param; });

TEST(RegistryTest, UnknownModelTypeIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(BuildModel(R"({"model_type": "longfromer"})", {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("model_type"), HasSubstr("longformer"))));
  EXPECT_THAT(BuildModel("{}", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model_type is missing")));
  EXPECT_THAT(BuildModel(R"({"model_type": 3})", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model_type")));
}

}  // namespace
}  // namespace cusp::models
