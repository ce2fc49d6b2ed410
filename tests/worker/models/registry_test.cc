// What must hold for every model of the table.
#include "worker/models/registry.h"

#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "catalog/config.h"
#include "catalog/config_keys.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
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

bool HasKey(const std::string& model_type, const char* key) {
  return catalog::FindKey(*catalog::FindModel(model_type), key) != nullptr;
}

// Stored and loaded, but not trained: performer's directions, cascade's rankers.
bool IsBuffer(const std::string& name) {
  return name.ends_with(".features") || name.starts_with("rankers.");
}

// The same without choices, which rounding can let fall otherwise: all experts, all units,
// and whatever the hashes are, all tokens.
nlohmann::json WithoutChoices(nlohmann::json config) {
  if (config.at("model_type") == "moeut") {
    config["top_k"] = config.at("n_experts");
    config["att_k"] = config.at("att_experts");
  } else if (config.at("model_type") == "scaling_transformer") {
    config["ff_sparsity"] = 1;
  } else if (config.at("model_type") == "reformer") {
    config["lsh_num_chunks_before"] =
        kTinyLength / config.at("lsh_attn_chunk_length").get<int>() - 1;
    config["num_hashes"] = 1;
  }
  return config;
}

class EveryModelTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Model> Build(const BuildOptions& build = {}) const {
    return MustBuild(TinyConfig(GetParam()), build);
  }
  int64_t Length() const { return TinyLength(GetParam()); }
  Inputs MaskedInputs() const { return TinyInputs(GetParam(), Length(), 5); }
  // The input that is drawn.
  const at::Tensor& Drawn(const Inputs& inputs) const { return inputs.at(MainInput(GetParam())); }
  bool IsText() const { return MainInput(GetParam()) == "input_ids"; }
};

TEST_P(EveryModelTest, OutputHasShapeOfInput) {
  const auto model = Build();
  const at::Tensor output = Infer(*model, MaskedInputs());
  EXPECT_EQ(output.sizes(), at::IntArrayRef(TinyOutputSizes(GetParam(), Length())));
  EXPECT_TRUE(output.isfinite().all().item<bool>());
  if (GetParam() != "fnet" && GetParam() != "mamba2") {  // which have none
    EXPECT_THAT(model->AttentionUsed(), Not(IsEmpty()));
  }
}

TEST_P(EveryModelTest, SameSeedGivesSameModelAndInputs) {
  const auto first = Build({.seed = 7});
  const auto second = Build({.seed = 7});
  const auto inputs = first->RandomInputs(Length(), 3, 9);
  const auto again = second->RandomInputs(Length(), 3, 9);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_TRUE(Drawn(*inputs).equal(Drawn(*again)));
  EXPECT_TRUE(Infer(*first, *inputs).equal(Infer(*second, *again)));
}

TEST_P(EveryModelTest, OtherSeedGivesOtherModelAndInputs) {
  const auto first = Build({.seed = 7});
  const auto second = Build({.seed = 8});
  const auto inputs = first->RandomInputs(Length(), 3, 9);
  const auto others = first->RandomInputs(Length(), 3, 10);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_FALSE(Drawn(*inputs).equal(Drawn(*others)));
  EXPECT_FALSE(Infer(*first, *inputs).equal(Infer(*second, *inputs)));
}

TEST_P(EveryModelTest, RandomInputsPassTheCheck) {
  const auto model = Build();
  const auto inputs = model->RandomInputs(Length(), 2, 1);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_THAT(model->CheckInputs(*inputs), IsOk());
  EXPECT_GT(Drawn(*inputs).to(at::kDouble).std(false).item<double>(), 0);
}

TEST_P(EveryModelTest, TooLongAnInputIsRefused) {
  const auto model = Build();
  const auto config = Config::Parse(TinyConfig(GetParam()).dump(), false, Length());
  const std::string beyond = std::to_string(config->limits().max + 1);
  EXPECT_THAT(model->RandomInputs(config->limits().max + 1, 1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("length " + beyond + " is out of range")));
  EXPECT_THAT(model->RandomInputs(0, 1, 1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(model->RandomInputs(Length(), 0, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch_size")));
}

TEST_P(EveryModelTest, ProfilingTakesAnyLengthOverALandmark) {
  const auto model = Build({.profiling = true});
  std::vector<int64_t> lengths = OddLengths(GetParam());
  if (IsText()) {
    lengths.insert(lengths.end(), {5, 17, 33});
  }
  for (const int64_t length : lengths) {
    const auto inputs = model->RandomInputs(length, 1, 1);
    ASSERT_THAT(inputs, IsOk()) << length;
    EXPECT_EQ(Infer(*model, *inputs).size(1), TinyOutputSizes(GetParam(), length)[1]);
  }
}

TEST_P(EveryModelTest, MaskOfOnesChangesNothing) {
  const auto model = Build();
  auto inputs = model->RandomInputs(Length(), 2, 1);
  ASSERT_THAT(inputs, IsOk());
  const at::Tensor without = Infer(*model, *inputs);
  if (MaskedInputs().contains("attention_mask")) {
    (*inputs)["attention_mask"] = ops::Full({2, Length()}, 1, at::kLong, at::kCPU);
  }
  if (IsText()) {
    (*inputs)["token_type_ids"] = ops::Full({2, Length()}, 0, at::kLong, at::kCPU);
  }
  EXPECT_LT(ScaledDifference(Infer(*model, *inputs), without), 1e-6);
}

TEST_P(EveryModelTest, NamesAreUniqueAndParametersComplete) {
  const auto model = Build({.training = true});
  std::set<std::string> names;
  size_t trained = 0;
  for (const auto& [name, tensor] : model->NamedTensors()) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_NE(tensor.requires_grad(), IsBuffer(name)) << name;
    trained += tensor.requires_grad() ? 1 : 0;
  }
  EXPECT_EQ(model->Parameters().size(), trained);
}

TEST_P(EveryModelTest, EveryParameterGetsAGradient) {
  const auto model = Build({.training = true});
  const at::Tensor output = model->Forward(MaskedInputs());
  output.mul(RandomNormal(output.sizes(), 3)).sum().backward();
  for (const auto& [name, tensor] : model->NamedTensors()) {
    if (IsBuffer(name)) {
      continue;
    }
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
  // Zero biases would leave activations at their kinks.
  for (const auto& [name, tensor] : model->NamedTensors()) {
    if (tensor.dim() == 1) {
      tensor.detach().add_(RandomNormal(tensor.sizes(), name.size(), 0.1, at::kDouble));
    }
  }
  const at::Tensor direction =
      RandomNormal(TinyOutputSizes(GetParam(), Length()), 3, 1, at::kDouble);
  // A frame all of whose neighbours are masked takes the mean of what it may not see.
  if (const at::Tensor real = RealRows(inputs, direction.size(1)); !IsText() && real.defined()) {
    direction.mul_(real.unsqueeze(-1));
  }
  const auto loss = [&] { return model->Forward(inputs).mul(direction).sum(); };
  loss().backward();
  int64_t drawn = 0;
  for (const auto& [name, tensor] : model->NamedTensors()) {
    if (IsBuffer(name)) {
      continue;
    }
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

TEST_P(EveryModelTest, HalfPrecisionStaysNearFloat32) {
  const nlohmann::json config = WithoutChoices(TinyConfig(GetParam()));
  const auto single = MustBuild(config);
  const Inputs inputs = MaskedInputs();
  // 8 bits of mantissa, two layers: a few parts in a hundred at the worst entry. Swin V2's
  // scores reach 26, of which so few bits leave a tenth before the softmax.
  const double with_8_bits = GetParam() == "swinv2" ? 0.6 : 0.15;
  for (const auto& [dtype, bits] : {std::pair(at::kBFloat16, 8), std::pair(at::kHalf, 11)}) {
    const auto half = MustBuild(config, {.dtype = dtype});
    const at::Tensor output = Infer(*half, inputs);
    EXPECT_EQ(output.scalar_type(), dtype);
    EXPECT_LT(ScaledDifference(output, Infer(*single, inputs), RealRows(inputs, output.size(1))),
              std::ldexp(with_8_bits, 8 - bits))
        << dtype;
  }
}

TEST_P(EveryModelTest, TrainsInHalfPrecision) {
  nlohmann::json config = WithoutChoices(TinyConfig(GetParam()));
  if (HasKey(GetParam(), "layer_norm_eps")) {
    // The norm of a row of zeros, as Hourglass shifts in, multiplies gradients by the root of
    // its reciprocal: a million at 1e-12, beyond what float16 holds.
    config["layer_norm_eps"] = 1e-5;
  }
  for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
    const auto model = MustBuild(config, {.dtype = dtype, .training = true});
    const at::Tensor output = model->Forward(MaskedInputs());
    output.square().mean().backward();
    for (const auto& [name, tensor] : model->NamedTensors()) {
      if (!IsBuffer(name)) {
        ASSERT_TRUE(tensor.grad().defined()) << name;
        EXPECT_EQ(tensor.grad().scalar_type(), tensor.scalar_type()) << name;
        EXPECT_TRUE(tensor.grad().isfinite().all().item<bool>()) << name << " in " << dtype;
      }
    }
  }
}

TEST_P(EveryModelTest, MemoryGrowsAsPromised) {
  const auto model = MustBuild(LongConfig(GetParam()), {.profiling = true});
  const auto bytes = [&](int64_t length) {
    return static_cast<double>(AllocatedBytesOf(*model, *model->RandomInputs(length, 1, 1)));
  };
  const std::vector<int64_t> lengths = GrowingLengths(GetParam());
  const auto tokens = [&](size_t i) {
    return static_cast<double>(TinyOutputSizes(GetParam(), lengths[i])[1]);
  };
  const double steps = (tokens(2) - tokens(1)) / (tokens(1) - tokens(0));
  const double growth =
      (bytes(lengths[2]) - bytes(lengths[1])) / (bytes(lengths[1]) - bytes(lengths[0]));
  const auto [least, most] = PromisedGrowth(GetParam(), steps);
  EXPECT_GT(growth, least);
  EXPECT_LT(growth, most);
}

TEST_P(EveryModelTest, CostFormulasAgreeWithCountedProducts) {
  ExpectCostsAsCounted(TinyConfig(GetParam()));
}

TEST_P(EveryModelTest, ParameterFormulaCountsWhatIsBuilt) {
  ExpectParametersAsBuilt(TinyConfig(GetParam()));
}

// What a job measures: the catalog's completion of a preset.
TEST_P(EveryModelTest, PresetCanBeProfiled) {
  const int64_t longest = std::max<int64_t>(OddLengths(GetParam()).back(), 96);
  catalog::ConfigRequest request;
  request.model = catalog::FindModel(GetParam());
  request.preset = catalog::FindPreset("tiny");
  request.longest_length = longest;
  const catalog::ConfigOutcome outcome = catalog::CompleteConfigOf(request);
  ASSERT_THAT(outcome.faults, IsEmpty());
  const auto model = BuildModel(outcome.config.json, {.profiling = true});
  ASSERT_THAT(model, IsOk());
  EXPECT_THAT((*model)->RandomInputs(longest, 1, 1), IsOk());
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
    Infer(*model, *model->RandomInputs(Length(), 1, 1));
  }
  const auto complete = Config::Parse(config.dump(), true, Length());
  catalog::CostTally tally({.length = Length()});
  catalog::AddCost(complete->model(), complete->values(), tally);
  for (size_t i = 0; i < catalog::kComponents; ++i) {
    const auto component = static_cast<Component>(i);
    if (tally[component].flops > 0) {
      EXPECT_TRUE(listener.heard.contains(component)) << catalog::ToText(component);
    }
  }
}

TEST_P(EveryModelTest, DecodingCostsAsCounted) {
  const catalog::Model& described = *catalog::FindModel(GetParam());
  ASSERT_EQ(described.rules.decode_cost != nullptr, described.decode);
  if (!described.decode) {
    return;
  }
  ExpectDecodeCostsAsCounted(TinyConfig(GetParam()));
}

// Any split of a sequence gives what the causal pass over the whole gives.
TEST_P(EveryModelTest, DecodingEqualsTheCausalForward) {
  if (!catalog::FindModel(GetParam())->decode) {
    EXPECT_EQ(MustBuild(TinyConfig(GetParam()))->NewState(), nullptr);
    return;
  }
  nlohmann::json config = TinyConfig(GetParam());
  if (HasKey(GetParam(), "is_decoder")) {
    config["is_decoder"] = true;
  }
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  const auto inputs = model->RandomInputs(kTinyLength, 2, 1);
  const at::Tensor whole = Infer(*model, *inputs);
  const at::Tensor ids =
      inputs->at(inputs->contains("decoder_input_ids") ? "decoder_input_ids" : "input_ids");
  for (const std::vector<int64_t>& pieces :
       {std::vector<int64_t>(kTinyLength, 1), std::vector<int64_t>{kTinyLength},
        std::vector<int64_t>{5, 1, 1, 7, kTinyLength - 14}}) {
    const auto state = model->NewStateFor(*inputs);
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
