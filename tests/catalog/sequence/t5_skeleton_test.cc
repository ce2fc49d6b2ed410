#include "catalog/sequence/t5_skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Published counts, less the output layer where it is one of its own.
TEST(T5SkeletonTest, CountsParametersOfPublishedSizes) {
  EXPECT_DOUBLE_EQ(ParametersOf("t5-small"), 60'506'624.0);
  EXPECT_DOUBLE_EQ(ParametersOf("t5-base"), 222'903'552.0);
  EXPECT_DOUBLE_EQ(ParametersOf("t5-large"), 737'668'096.0);
  EXPECT_DOUBLE_EQ(ParametersOf("flan-t5-small"), 76'961'152.0 - 32128.0 * 512);
  EXPECT_DOUBLE_EQ(ParametersOf("flan-t5-base"), 247'577'856.0 - 32128.0 * 768);
}

TEST(T5SkeletonTest, DecoderIsAsDeepAsTheEncoderUnlessItSays) {
  EXPECT_EQ(Completed("t5", R"({"num_layers": 3})")["num_decoder_layers"], 3);
  EXPECT_GT(Complete("t5", "{}").config.parameters,
            Complete("t5", R"({"is_encoder_decoder": false})").config.parameters);
}

TEST(T5SkeletonTest, FaultsNameTheKey) {
  for (const char* config : {R"({"relative_attention_max_distance": 16})",
                             R"({"pad_token_id": 30522})", R"({"d_kv": 0})"}) {
    const ConfigOutcome outcome = Complete("t5", config);
    ASSERT_EQ(outcome.faults.size(), 1U) << config;
    EXPECT_THAT(config, HasSubstr(outcome.faults[0].fault.key));
  }
}

TEST(T5SkeletonTest, PublishedFilesAreRead) {
  EXPECT_THAT(Complete("t5", R"({"decoder_start_token_id": 0, "n_positions": 512,
                                 "is_decoder": false, "dense_act_fn": "relu",
                                 "is_gated_act": false, "output_past": true,
                                 "task_specific_params": {"x": {"prefix": "y"}}})")
                  .faults,
              IsEmpty());
}

}  // namespace
}  // namespace cusp::catalog
