// Agreement with the references in tests/data/parity (generate.py there says
// how they were made), to 1e-4 of the output's scale at unmasked positions.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "common/file.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"
#include "worker/models/safetensors.h"

namespace cusp::models {
namespace {

constexpr double kTolerance = 1e-4;

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TestDataFolder() + "/parity")) {
    if (entry.is_directory()) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Of models whose attention backend can be chosen.
std::vector<std::string> CasesWithBackends() {
  std::vector<std::string> names;
  for (const std::string& name : Cases()) {
    const auto config = ReadFile(TestDataFolder() + "/parity/" + name + "/config.json", 1 << 20);
    const auto json = nlohmann::json::parse(config.value_or("{}"));
    const catalog::Model* model = catalog::FindModel(json.value("model_type", ""));
    if (model != nullptr && model->attention_backends) {
      names.push_back(name);
    }
  }
  return names;
}

// Files keep the probabilities of training, and the outputs are those of inference.
std::string WithoutDropout(const std::string& config_json) {
  nlohmann::json config = nlohmann::json::parse(config_json);
  for (auto& [key, value] : config.items()) {
    if (key.find("dropout") != std::string::npos && value.is_number()) {
      value = 0.0;
    }
  }
  return config.dump();
}

class ParityTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::string Path(const std::string& file) const {
    return TestDataFolder() + "/parity/" + GetParam() + "/" + file;
  }

  double Difference(const BuildOptions& build) const {
    const auto config = ReadFile(Path("config.json"), 1 << 20);
    const auto inputs = ReadSafetensors(Path("inputs.safetensors"));
    const auto outputs = ReadSafetensors(Path("outputs.safetensors"));
    if (!config.ok() || !inputs.ok() || !outputs.ok()) {
      ADD_FAILURE() << "incomplete case " << GetParam();
      return std::numeric_limits<double>::infinity();
    }
    const auto model = BuildModel(WithoutDropout(*config), build);
    if (!model.ok()) {
      ADD_FAILURE() << model.status();
      return std::numeric_limits<double>::infinity();
    }
    EXPECT_THAT(LoadWeights(Path("model.safetensors"), **model), IsOk());
    EXPECT_THAT((*model)->CheckInputs(*inputs), IsOk());
    const at::Tensor output = Infer(**model, *inputs);
    return ScaledDifference(output, outputs->at("last_hidden_state"),
                            RealRows(*inputs, output.size(1)));
  }
};

class FusedParityTest : public ParityTest {};

TEST_P(ParityTest, ForwardAgreesWithReference) {
  const double difference = Difference({});
  RecordProperty("difference", std::to_string(difference));
  EXPECT_LT(difference, kTolerance);
}

TEST_P(FusedParityTest, ForwardAgreesWithReference) {
  for (const char* attention : {"sdpa", "math", "flash"}) {
    EXPECT_LT(Difference({.attention = attention}), kTolerance) << attention;
  }
}

TEST_P(ParityTest, TrainingModeAgreesWithReference) {
  EXPECT_LT(Difference({.training = true}), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(AllCases, ParityTest, ::testing::ValuesIn(Cases()),
                         [](const auto& test) { return test.param; });

INSTANTIATE_TEST_SUITE_P(AllCases, FusedParityTest, ::testing::ValuesIn(CasesWithBackends()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cusp::models
