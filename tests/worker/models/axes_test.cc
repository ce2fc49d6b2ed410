// What the axes of a job must mean for every model of the table that has them.
#include "catalog/axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "catalog/catalog.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/model.h"
#include "worker/models/registry.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Names under which a tensor of another layer may stand for `name`: each number of it
// alone, and then all of them, made 0.
std::vector<std::string> NamesInFirstLayers(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '.');
  std::vector<std::string> names = {name};
  std::vector<std::string> all = parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].find_first_not_of("0123456789") == std::string::npos) {
      std::vector<std::string> one = parts;
      one[i] = all[i] = "0";
      names.push_back(absl::StrJoin(one, "."));
    }
  }
  names.push_back(absl::StrJoin(all, "."));
  return names;
}

void CopyFromFirstLayers(const Model& from, Model& to) {
  std::map<std::string, at::Tensor> sources;
  for (const auto& [name, tensor] : from.NamedTensors()) {
    sources.emplace(name, tensor);
  }
  for (const auto& [name, tensor] : to.NamedTensors()) {
    const std::vector<std::string> names = NamesInFirstLayers(name);
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& one) {
      return sources.contains(one) && sources.at(one).sizes() == tensor.sizes();
    });
    ASSERT_NE(found, names.end()) << name;
    tensor.detach().copy_(sources.at(*found));
  }
}

class AxesTest : public ::testing::TestWithParam<std::string> {
 protected:
  bool Has(std::string_view axis) const {
    const auto axes = catalog::AxesOf(*catalog::FindModel(GetParam()));
    return std::find(axes.begin(), axes.end(), axis) != axes.end();
  }
  nlohmann::json With(const char* axis, const nlohmann::json& value) const {
    nlohmann::json config = TinyConfig(GetParam());
    config[axis] = value;
    return config;
  }
  Inputs MaskedInputs() const { return TinyInputs(GetParam(), TinyLength(GetParam()), 5); }
};

TEST_P(AxesTest, AxisThatDoesNotApplyIsRefusedWithTheReason) {
  for (const catalog::Key& key : catalog::kAxisKeys) {
    const auto model = BuildModel(
        With(key.name.data(), key.name == "prune" ? nlohmann::json(0.5) : nlohmann::json(true))
            .dump(),
        {});
    if (Has(key.name)) {
      EXPECT_THAT(model, IsOk());
    } else {
      EXPECT_THAT(model, StatusIs(absl::StatusCode::kInvalidArgument,
                                  AllOf(HasSubstr(std::string(key.name)),
                                        HasSubstr("does not apply to " + GetParam() + ": "))));
    }
  }
}

TEST_P(AxesTest, SharedLayersComputeAsLayersOfEqualParameters) {
  if (!Has("share_layers")) {
    GTEST_SKIP() << "the model refuses the axis share_layers";
  }
  const nlohmann::json config = With("share_layers", true);
  ExpectParametersAsBuilt(config);
  const auto shared = MustBuild(config);
  const auto repeated = MustBuild(TinyConfig(GetParam()));
  EXPECT_LT(shared->Parameters().size(), repeated->Parameters().size());
  CopyFromFirstLayers(*shared, *repeated);
  EXPECT_TRUE(Infer(*shared, MaskedInputs()).equal(Infer(*repeated, MaskedInputs())));
}

TEST_P(AxesTest, SharedParametersGatherTheGradientsOfAllLayers) {
  if (!Has("share_layers")) {
    GTEST_SKIP() << "the model refuses the axis share_layers";
  }
  const auto shared =
      MustBuild(With("share_layers", true), {.dtype = at::kDouble, .training = true});
  const auto repeated = MustBuild(TinyConfig(GetParam()), {.dtype = at::kDouble, .training = true});
  CopyFromFirstLayers(*shared, *repeated);
  double sums[2] = {0, 0};
  const std::vector<Model*> models = {shared.get(), repeated.get()};
  for (size_t i = 0; i < models.size(); ++i) {
    const at::Tensor output = models[i]->Forward(MaskedInputs());
    output.mul(RandomNormal(output.sizes(), 3, 1, at::kDouble)).sum().backward();
    for (const at::Tensor& parameter : models[i]->Parameters()) {
      sums[i] += parameter.grad().sum().item<double>();
    }
  }
  EXPECT_NEAR(sums[0], sums[1], 1e-8 * std::abs(sums[1]) + 1e-8);
}

TEST_P(AxesTest, PrunedModelIsSmallerAsItsFormulasSay) {
  if (!Has("prune")) {
    GTEST_SKIP() << "the model refuses the axis prune";
  }
  const nlohmann::json config = With("prune", 0.5);
  ExpectParametersAsBuilt(config);
  ExpectCostsAsCounted(config);
  if (catalog::FindModel(GetParam())->decode) {
    ExpectDecodeCostsAsCounted(config);
  }
  const auto parameters = [](const nlohmann::json& of) {
    int64_t count = 0;
    for (const at::Tensor& parameter : MustBuild(of)->Parameters()) {
      count += parameter.numel();
    }
    return count;
  };
  EXPECT_LT(parameters(config), parameters(TinyConfig(GetParam())));
  const at::Tensor output = Infer(*MustBuild(config), MaskedInputs());
  EXPECT_EQ(output.sizes(), at::IntArrayRef(TinyOutputSizes(GetParam(), TinyLength(GetParam()))));
  EXPECT_TRUE(output.isfinite().all().item<bool>());
}

TEST_P(AxesTest, CheckpointingKeepsLessAndChangesNoGradient) {
  if (!Has("checkpointing")) {
    GTEST_SKIP() << "the model refuses the axis checkpointing";
  }
  const nlohmann::json config = With("checkpointing", true);
  const auto kept = MustBuild(TinyConfig(GetParam()), {.dtype = at::kDouble, .training = true});
  const auto recomputed = MustBuild(config, {.dtype = at::kDouble, .training = true});
  const Inputs inputs = MaskedInputs();
  for (const auto& model : {kept.get(), recomputed.get()}) {
    const at::Tensor output = model->Forward(inputs);
    output.mul(RandomNormal(output.sizes(), 3, 1, at::kDouble)).sum().backward();
  }
  const auto expected = kept->NamedTensors();
  const auto tensors = recomputed->NamedTensors();
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].second.requires_grad()) {
      EXPECT_LT(ScaledDifference(tensors[i].second.grad(), expected[i].second.grad()), 1e-10)
          << tensors[i].first;
    }
  }
  EXPECT_LT(KeptBytes([&] { return recomputed->Forward(inputs); }),
            KeptBytes([&] { return kept->Forward(inputs); }));
}

TEST_P(AxesTest, CheckpointingCostsAsItsFormulaSays) {
  if (!Has("checkpointing")) {
    GTEST_SKIP() << "the model refuses the axis checkpointing";
  }
  ExpectCostsAsCounted(With("checkpointing", true));
}

INSTANTIATE_TEST_SUITE_P(Registry, AxesTest, ::testing::ValuesIn(ModelTypes()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cusp::models
