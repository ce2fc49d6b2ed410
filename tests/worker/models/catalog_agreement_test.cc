// The catalog's table and the registry's describe the same models (ADR 1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"
#include "worker/models/registry.h"

namespace cusp::models {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

constexpr int64_t kLongest = 96;

std::vector<std::string> CatalogNames() {
  std::vector<std::string> names;
  for (const catalog::Model& model : catalog::Models()) {
    names.emplace_back(model.name);
  }
  return names;
}

TEST(CatalogAgreementTest, BothTablesNameTheSameModels) {
  EXPECT_THAT(ModelTypes(), UnorderedElementsAreArray(CatalogNames()));
}

class CatalogModelTest : public ::testing::TestWithParam<std::string> {
 protected:
  catalog::CompleteConfig Complete() const {
    const catalog::ConfigOutcome outcome =
        catalog::CompleteConfigOf({.model = catalog::FindModel(GetParam()),
                                   .preset = catalog::FindPreset("tiny"),
                                   .base_json = {},
                                   .overrides_json = {},
                                   .longest_length = kLongest});
    EXPECT_THAT(outcome.faults, IsEmpty());
    return outcome.config;
  }
};

TEST_P(CatalogModelTest, RegistryTakesEveryKeyOfTheCatalog) {
  nlohmann::json config = nlohmann::json::parse(Complete().json);
  for (const catalog::Key& key : catalog::FindModel(GetParam())->keys) {
    EXPECT_TRUE(config.contains(key.name) || key.default_value.empty()) << key.name;
  }
  const auto model = BuildModel(config.dump(), {.profiling = true});
  ASSERT_THAT(model, IsOk());
  EXPECT_THAT((*model)->RandomInputs(kLongest, 1, 1), IsOk());
}

// A key that the catalog fills in must mean what the model does without it.
TEST_P(CatalogModelTest, DefaultsAreTheSame) {
  const nlohmann::json complete = nlohmann::json::parse(Complete().json);
  nlohmann::json shape = {{"model_type", GetParam()}};
  for (const char* key : {"num_hidden_layers", "hidden_size", "num_attention_heads",
                          "intermediate_size", "max_position_embeddings"}) {
    if (complete.contains(key)) {
      shape[key] = complete.at(key);
    }
  }
  const auto filled = MustBuild(complete, {.profiling = true});
  const auto silent = MustBuild(shape, {.profiling = true});
  const auto inputs = filled->RandomInputs(kLongest, 1, 1);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_TRUE(Infer(*filled, *inputs).equal(Infer(*silent, *inputs)));
}

// The estimate that the memory check and the tables use.
TEST_P(CatalogModelTest, ParametersAreEstimatedWithinATenth) {
  const catalog::CompleteConfig config = Complete();
  double parameters = 0;
  for (const auto& tensor :
       MustBuild(nlohmann::json::parse(config.json), {.profiling = true})->Parameters()) {
    parameters += static_cast<double>(tensor.numel());
  }
  EXPECT_NEAR(config.parameters, parameters, parameters / 10);
}

INSTANTIATE_TEST_SUITE_P(Catalog, CatalogModelTest, ::testing::ValuesIn(CatalogNames()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cusp::models
