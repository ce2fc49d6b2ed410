#include "catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace cusp::catalog {
namespace {

using ::testing::IsSupersetOf;

TEST(CatalogTest, EveryRowIsFilledIn) {
  for (const Model& model : Models()) {
    SCOPED_TRACE(model.name);
    EXPECT_FALSE(model.what.empty());
    EXPECT_FALSE(model.cost_order.empty());
    EXPECT_FALSE(model.source.empty());
    EXPECT_FALSE(model.padding.empty());
    EXPECT_FALSE(model.lengths.empty());
    EXPECT_FALSE(model.keys.empty());
    EXPECT_TRUE(model.inference || model.training || model.decode);
    EXPECT_NE(model.rules.limits, nullptr);
    EXPECT_NE(model.rules.parameters, nullptr);
    EXPECT_NE(model.rules.cost, nullptr);
  }
}

TEST(CatalogTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const std::string_view name : ModelNames()) {
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(CatalogTest, KeysAreUniqueWithParsableDefaultsAndMeanings) {
  const std::set<std::string_view> types = {"integer",
                                            "number",
                                            "string",
                                            "boolean",
                                            "integer or null",
                                            "number or null",
                                            "string or null",
                                            "integer or list",
                                            "integer or list or null",
                                            "integer list",
                                            "integer list or null",
                                            "number list",
                                            "string list",
                                            "string list or null",
                                            "object",
                                            "object or null"};
  for (const Model& model : Models()) {
    std::set<std::string_view> names;
    for (const Key& key : model.keys) {
      SCOPED_TRACE(std::string(model.name) + "." + std::string(key.name));
      EXPECT_TRUE(names.insert(key.name).second);
      EXPECT_TRUE(types.contains(key.type));
      EXPECT_FALSE(key.meaning.empty());
      EXPECT_LE(key.low, key.high);
      if (!key.default_value.empty()) {
        EXPECT_FALSE(nlohmann::json::parse(key.default_value, nullptr, false).is_discarded());
      }
    }
  }
}

TEST(CatalogTest, KnowsTheFirstModels) {
  EXPECT_THAT(ModelNames(),
              IsSupersetOf({"bert", "longformer", "nystromformer", "linformer", "vit", "hubert"}));
}

TEST(CatalogTest, NamedConfigsBelongToModels) {
  for (const NamedConfig& named : NamedConfigs()) {
    EXPECT_NE(FindModel(named.model), nullptr) << named.name;
    EXPECT_EQ(FindNamedConfig(named.name), &named);
  }
}

TEST(CatalogTest, UnknownNamesAreNotFound) {
  EXPECT_EQ(FindModel("berd"), nullptr);
  EXPECT_EQ(FindModel(""), nullptr);
  EXPECT_EQ(FindPreset("huge"), nullptr);
  EXPECT_EQ(FindNamedConfig("bert"), nullptr);
}

TEST(CatalogTest, PresetsHaveTheirDocumentedShapes) {
  const Preset* small = FindPreset("small");
  ASSERT_NE(small, nullptr);
  EXPECT_EQ(small->num_hidden_layers, 4);
  EXPECT_EQ(small->hidden_size, 256);
  EXPECT_EQ(small->num_attention_heads, 4);
  EXPECT_EQ(small->intermediate_size, 1024);
  for (const Preset& preset : Presets()) {
    EXPECT_EQ(preset.hidden_size % preset.num_attention_heads, 0) << preset.name;
  }
}

TEST(NearestOfTest, FindsTypos) {
  const auto names = ModelNames();
  EXPECT_EQ(NearestOf("longfromer", names), "longformer");
  EXPECT_EQ(NearestOf("nystroemformer", names), "nystromformer");
  EXPECT_EQ(NearestOf("Bert", names), "bert");
  EXPECT_EQ(NearestOf("linformr", names), "linformer");
}

TEST(NearestOfTest, FarNamesGetNoSuggestion) {
  const auto names = ModelNames();
  EXPECT_EQ(NearestOf("xyzzy", names), "");
  EXPECT_EQ(NearestOf("", names), "");
  EXPECT_EQ(NearestOf(std::string(100'000, 'b'), names), "");
}

}  // namespace
}  // namespace cusp::catalog
