#include "catalog/sequence/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Published counts, less the output layer where it is one of its own.
TEST(DecoderTest, CountsParametersOfPublishedSizes) {
  EXPECT_DOUBLE_EQ(ParametersOf("llama-2-7b"), 6'738'415'616.0 - 32000.0 * 4096);
  EXPECT_DOUBLE_EQ(ParametersOf("llama-3.2-1b"), 1'235'814'400.0);
  EXPECT_DOUBLE_EQ(ParametersOf("smollm-135m"), 134'515'008.0);
  EXPECT_DOUBLE_EQ(ParametersOf("tinyllama-1.1b"), 1'100'048'384.0 - 32000.0 * 2048);
  EXPECT_DOUBLE_EQ(ParametersOf("mistral-7b"), 7'241'732'096.0 - 32000.0 * 4096);
}

TEST(DecoderTest, PublishedSizeOfLlama3StretchesItsContext) {
  const auto config = nlohmann::json::parse(CompleteSize("llama-3.2-1b").json);
  EXPECT_EQ(config["rope_parameters"],
            nlohmann::json::parse(
                R"({"rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0,
                    "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                    "original_max_position_embeddings": 8192})"));
}

TEST(DecoderTest, NullsBecomeWhatTheyMean) {
  const auto config =
      Completed("llama", R"({"rope_parameters": {"rope_theta": 5e5, "rope_type": "default"}})");
  EXPECT_EQ(config["head_dim"], 128);
  EXPECT_EQ(config["num_key_value_heads"], 32);
  EXPECT_EQ(config["rope_theta"], 5e5);
  EXPECT_EQ(config["max_position_embeddings"], 64);
}

TEST(DecoderTest, FaultsNameTheKey) {
  const struct {
    const char* config;
    const char* key;
    const char* part;
  } faults[] = {
      {R"({"num_key_value_heads": 5})", "num_key_value_heads", "multiple"},
      {R"({"head_dim": 7})", "head_dim", "even"},
      {R"({"num_attention_heads": 4096})", "num_attention_heads", "even"},
      {R"({"hidden_size": 100})", "hidden_size", "multiple"},
      {R"({"pad_token_id": 30522})", "pad_token_id", "vocabulary"},
      {R"({"rope_parameters": {"rope_type": "su"}})", "rope_parameters", "'su'"},
  };
  for (const auto& fault : faults) {
    const ConfigOutcome outcome = Complete("llama", fault.config);
    ASSERT_EQ(outcome.faults.size(), 1U) << fault.config;
    EXPECT_EQ(outcome.faults[0].fault.key, fault.key) << fault.config;
    EXPECT_THAT(outcome.faults[0].fault.message, HasSubstr(fault.part));
  }
}

TEST(DecoderTest, FilesOfOlderVersionsAreRead) {
  EXPECT_THAT(Complete("llama", R"({"rope_scaling": null, "rope_theta": 500000.0,
                                    "pretraining_tp": 1, "pad_token_id": -1,
                                    "use_cache": true, "torch_dtype": "bfloat16"})")
                  .faults,
              IsEmpty());
}

TEST(DecoderTest, PresetsShareKeysAmongFourQueries) {
  for (const Preset& preset : Presets()) {
    const auto config = Completed("mistral", "", {.preset = preset.name});
    EXPECT_EQ(config["num_key_value_heads"], std::max<int64_t>(1, preset.num_attention_heads / 4));
  }
}

TEST(DecoderTest, BlocksFollowTheWindowWithinLimits) {
  EXPECT_EQ(WindowBlock(5), 64);
  EXPECT_EQ(WindowBlock(512), 128);
  EXPECT_EQ(WindowBlock(4096), 512);
}

}  // namespace
}  // namespace cusp::catalog
