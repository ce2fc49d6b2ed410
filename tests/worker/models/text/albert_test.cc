#include "catalog/text/albert.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(AlbertTest, GroupsDivideTheLayers) {
  const auto groups = [](int64_t layers, int64_t count) {
    const nlohmann::json config = {{"num_hidden_layers", layers}, {"num_hidden_groups", count}};
    std::vector<int64_t> of;
    for (int64_t i = 0; i < layers; ++i) {
      of.push_back(catalog::AlbertGroup(config, i));
    }
    return of;
  };
  EXPECT_EQ(groups(4, 1), (std::vector<int64_t>{0, 0, 0, 0}));
  EXPECT_EQ(groups(4, 2), (std::vector<int64_t>{0, 0, 1, 1}));
  EXPECT_EQ(groups(5, 3), (std::vector<int64_t>{0, 0, 1, 1, 2}));
}

TEST(AlbertTest, LayersOfAGroupShareTheirParameters) {
  nlohmann::json config = TinyConfig("albert");
  config["num_hidden_groups"] = 1;
  config["inner_group_num"] = 1;
  config["num_hidden_layers"] = 2;
  const size_t two = MustBuild(config)->Parameters().size();
  config["num_hidden_layers"] = 7;
  EXPECT_EQ(MustBuild(config)->Parameters().size(), two);
}

// One step through a group of two layers is two steps through groups of one.
TEST(AlbertTest, InnerLayersRunInTurn) {
  nlohmann::json config = TinyConfig("albert");
  config["num_hidden_groups"] = 1;
  config["inner_group_num"] = 2;
  config["num_hidden_layers"] = 1;
  const auto inner = MustBuild(config);
  config["num_hidden_groups"] = 2;
  config["inner_group_num"] = 1;
  config["num_hidden_layers"] = 2;
  const auto outer = MustBuild(config);
  auto from = inner->NamedTensors();
  auto to = outer->NamedTensors();
  ASSERT_EQ(from.size(), to.size());
  for (size_t i = 0; i < to.size(); ++i) {
    to[i].second.copy_(from[i].second);
  }
  const Inputs inputs = TinyInputs("albert", kTinyLength, 1);
  EXPECT_TRUE(Infer(*inner, inputs).equal(Infer(*outer, inputs)));
}

}  // namespace
}  // namespace cusp::models
