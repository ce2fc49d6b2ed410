#include "worker/models/text/token_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr TokenInputRules kRules = {.vocab_size = 10, .type_vocab_size = 2};

at::Tensor Filled(at::IntArrayRef sizes, int64_t value, at::ScalarType dtype = at::kLong) {
  return ops::Full(sizes, static_cast<double>(value), dtype, at::kCPU);
}

void ExpectRefused(const Inputs& inputs, const std::string& name, const std::string& why) {
  EXPECT_THAT(CheckTokenInputs(inputs, kRules),
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr(name), HasSubstr(why))));
}

TEST(TokenInputsTest, BadTensorsAreRefusedByName) {
  const at::Tensor ids = Filled({2, 3}, 4);
  ExpectRefused({}, "input_ids", "missing");
  ExpectRefused({{"input_ids", Filled({3}, 4)}}, "input_ids", "[3]");
  ExpectRefused({{"input_ids", Filled({2, 0}, 4)}}, "input_ids", "[2, 0]");
  ExpectRefused({{"input_ids", Filled({2, 3}, 10)}}, "input_ids", "10");
  ExpectRefused({{"input_ids", Filled({2, 3}, -1)}}, "input_ids", "-1");
  ExpectRefused({{"input_ids", Filled({2, 3}, 4, at::kFloat)}}, "input_ids", "int64");
  ExpectRefused({{"input_ids", ids}, {"attention_mask", Filled({2, 4}, 1)}}, "attention_mask",
                "[2, 4]");
  ExpectRefused({{"input_ids", ids}, {"attention_mask", Filled({2, 3}, 2)}}, "attention_mask",
                "0 or 1");
  ExpectRefused({{"input_ids", ids}, {"token_type_ids", Filled({2, 3}, 2)}}, "token_type_ids", "2");
  ExpectRefused({{"input_ids", ids}, {"global_attention_mask", Filled({2, 3}, 1)}},
                "global_attention_mask", "takes attention_mask, input_ids, token_type_ids");
}

TEST(TokenInputsTest, GoodTensorsPass) {
  EXPECT_THAT(CheckTokenInputs({{"input_ids", Filled({2, 3}, 9)},
                                {"attention_mask", Filled({2, 3}, 1, at::kFloat)},
                                {"token_type_ids", Filled({2, 3}, 1)}},
                               kRules),
              IsOk());
}

TEST(TokenInputsTest, DrawnTokensCoverTheVocabularyButThePaddingToken) {
  const auto inputs =
      RandomTokenInputs({.length = 500, .batch_size = 2, .vocab_size = 10, .avoid = 3}, 1);
  ASSERT_THAT(inputs, IsOk());
  const at::Tensor counts = inputs->at("input_ids").view({-1}).bincount({}, 10);
  for (int64_t token = 0; token < 10; ++token) {
    EXPECT_EQ(counts.select(0, token).item<int64_t>() > 0, token != 3) << token;
  }
}

TEST(TokenInputsTest, GlobalTokensCountOnlyWhereReal) {
  const at::Tensor ids = Filled({1, 4}, 5);
  at::Tensor attention = Filled({1, 4}, 1);
  attention.select(1, 3).fill_(0);
  at::Tensor global = Filled({1, 4}, 0);
  global.select(1, 3).fill_(1);
  SequenceMask mask = MakeSequenceMask(ids, attention, 2, at::kFloat);
  SetGlobalTokens(mask, global, 2);
  EXPECT_FALSE(mask.global.defined());
  global.select(1, 0).fill_(1);
  SetGlobalTokens(mask, global, 2);
  EXPECT_EQ(mask.global.sum().item<int64_t>(), 1);
  EXPECT_EQ(mask.global.size(1), 6);
}

}  // namespace
}  // namespace cusp::models
