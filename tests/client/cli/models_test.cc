#include "client/cli/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "catalog/catalog.h"
#include "client/cli/exit_code.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

TEST(ModelsTest, TableNamesEveryModelAndNamedSize) {
  const std::string text = AllModelsText();
  for (const std::string_view name : catalog::ModelNames()) {
    EXPECT_THAT(text, HasSubstr(std::string(name)));
  }
  EXPECT_THAT(text, HasSubstr("inference,training"));
  EXPECT_THAT(text, HasSubstr("O(n^2 d"));
}

TEST(ModelsTest, JsonOfAllIsComplete) {
  const auto json = nlohmann::json::parse(AllModelsJson(), nullptr, false);
  ASSERT_EQ(json["models"].size(), catalog::Models().size());
  EXPECT_EQ(json["models"][0]["name"], "bert");
  EXPECT_EQ(json["models"][0]["modality"], "text");
  EXPECT_EQ(json["presets"].size(), 4U);
}

TEST(ModelsTest, OneModelShowsEveryKey) {
  for (const catalog::Model& model : catalog::Models()) {
    const auto text = OneModelText(std::string(model.name));
    ASSERT_TRUE(text.ok());
    for (const catalog::Key& key : model.keys) {
      EXPECT_THAT(*text, HasSubstr(std::string(key.name)));
      EXPECT_THAT(*text, HasSubstr(std::string(key.meaning)));
    }
    EXPECT_THAT(*text, HasSubstr(std::string(model.lengths)));
  }
}

TEST(ModelsTest, JsonOfOneHoldsDefaultsAndBounds) {
  const auto text = OneModelJson("nystromformer");
  ASSERT_TRUE(text.ok());
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  bool seen = false;
  for (const auto& key : json["keys"]) {
    if (key["name"] == "num_landmarks") {
      seen = true;
      EXPECT_EQ(key["default"], 64);
      EXPECT_EQ(key["min"], 1);
    }
  }
  EXPECT_TRUE(seen);
  EXPECT_GT(json["costs"][0]["flops"], 0);
}

TEST(ModelsTest, NamedSizeShowsItsConfig) {
  const auto text = OneModelText("longformer-base-4096");
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(*text, HasSubstr("a named size of longformer"));
  EXPECT_THAT(*text, HasSubstr("4098"));
}

TEST(ModelsTest, UnknownNameIsNotFoundWithTheNearest) {
  EXPECT_THAT(std::string(OneModelText("longfromer").status().message()),
              HasSubstr("did you mean 'longformer'?"));
  EXPECT_EQ(OneModelJson("xyzzy").status().code(), absl::StatusCode::kNotFound);
}

int RunLine(std::string line) {
  Invocation invocation;
  CLI::App app;
  AddModels(app, invocation);
  app.parse(std::move(line));
  return invocation.action();
}

TEST(ModelsTest, CommandPrintsAndChoosesItsCode) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(RunLine("models bert"), kExitDone);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("num_hidden_layers"));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(RunLine("models brt"), kExitNotFound);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("did you mean 'bert'?"));
}

}  // namespace
}  // namespace cusp::client
