#include "client/cli/model_costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ModelCostsTest, EveryModelHasCostsThatDoNotShrink) {
  for (const catalog::Model& model : catalog::Models()) {
    SCOPED_TRACE(model.name);
    const auto costs = CostsAtUsualLengths(model, nullptr);
    ASSERT_THAT(costs, Not(IsEmpty()));
    for (size_t i = 0; i < costs.size(); ++i) {
      EXPECT_GT(costs[i].parameters, 1e6);
      EXPECT_GE(costs[i].flops, i == 0 ? 1e6 : costs[i - 1].flops);
      EXPECT_GT(costs[i].step_flops, 1.9 * costs[i].flops);
      EXPECT_LE(costs[i].mixing_share, 1);
    }
  }
}

// 12 layers of 12 d^2 weights and 2 n^2 d of attention, twice for multiply-adds.
TEST(ModelCostsTest, BertBaseCostsWhatThePapersCount) {
  const auto costs = CostsAtUsualLengths(*catalog::FindModel("bert"), nullptr);
  ASSERT_EQ(costs.size(), 4U);
  EXPECT_EQ(costs[1].length, 512);
  EXPECT_DOUBLE_EQ(costs[1].flops, 12 * 2.0 * (12 * 768.0 * 768 * 512 + 2 * 512.0 * 512 * 768));
}

TEST(ModelCostsTest, NamedSizeEndsAtItsPositions) {
  const auto costs =
      CostsAtUsualLengths(*catalog::FindModel("bert"), catalog::FindNamedConfig("bert-base"));
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs.back().length, 512);
}

TEST(ModelCostsTest, SpeechIsToldInSeconds) {
  const catalog::Model& hubert = *catalog::FindModel("hubert");
  const std::string text = CostsText(hubert, CostsAtUsualLengths(hubert, nullptr));
  EXPECT_THAT(text, HasSubstr("seconds"));
  EXPECT_THAT(text, HasSubstr("\n       20  "));
}

TEST(ModelCostsTest, OneTokenAfterACacheCostsWhatThePapersCount) {
  const catalog::Model& bert = *catalog::FindModel("bert");
  const auto costs = CostsAtUsualLengths(bert, nullptr);
  EXPECT_DOUBLE_EQ(costs[1].decode_flops, 12 * 2.0 * (12 * 768.0 * 768 + 2 * 513.0 * 768));
  EXPECT_THAT(CostsText(bert, costs), HasSubstr("FLOP decoding step"));
  const catalog::Model& fnet = *catalog::FindModel("fnet");
  EXPECT_THAT(CostsText(fnet, CostsAtUsualLengths(fnet, nullptr)), Not(HasSubstr("decoding")));
}

TEST(ModelCostsTest, TextNamesUnitAndPrefix) {
  const catalog::Model& bert = *catalog::FindModel("bert");
  const std::string text = CostsText(bert, CostsAtUsualLengths(bert, nullptr));
  EXPECT_THAT(text, HasSubstr("tokens"));
  EXPECT_THAT(text, HasSubstr("96.6 G"));
  EXPECT_THAT(CostsText(bert, {}), IsEmpty());
}

}  // namespace
}  // namespace cusp::client
