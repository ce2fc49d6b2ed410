#include "catalog/job_variants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace cusp::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::JobSpec Job(int64_t min, int64_t max) {
  v1::JobSpec spec;
  spec.mutable_lengths()->set_min(min);
  spec.mutable_lengths()->set_max(max);
  ApplyDefaults(spec);
  return spec;
}

v1::VariantSpec Variant(const std::string& model, const std::string& config = "") {
  v1::VariantSpec variant;
  variant.set_name("v");
  variant.set_model(model);
  variant.set_attention(v1::ATTENTION_EAGER);
  variant.set_config_json(config);
  return variant;
}

// The only problem, or an empty one.
Problem Only(const v1::JobSpec& spec, const v1::VariantSpec& variant) {
  const VariantOutcome outcome = ResolveVariant(spec, variant, "candidates[0]", true);
  EXPECT_LE(outcome.problems.size(), 1U);
  return outcome.problems.empty() ? Problem{} : outcome.problems[0];
}

TEST(JobVariantsTest, MisspeltModelNamesTheNearest) {
  const Problem problem = Only(Job(64, 128), Variant("longfromer"));
  EXPECT_EQ(problem.path, "candidates[0].model");
  EXPECT_THAT(problem.message, HasSubstr("did you mean 'longformer'?"));
}

TEST(JobVariantsTest, FarModelListsAll) {
  EXPECT_THAT(Only(Job(64, 128), Variant("xyzzy")).message,
              AllOf(HasSubstr("known are bert, "), HasSubstr("longformer")));
}

TEST(JobVariantsTest, MisspeltConfigKeyHasItsPath) {
  const Problem problem = Only(Job(64, 128), Variant("nystromformer", R"({"num_landmark": 8})"));
  EXPECT_EQ(problem.path, "candidates[0].config.num_landmark");
  EXPECT_THAT(problem.message, HasSubstr("'num_landmarks'"));
}

v1::JobSpec DecodeJob(int64_t max) {
  v1::JobSpec spec = Job(64, max);
  spec.clear_modes();
  spec.add_modes(v1::MODE_DECODE);
  return spec;
}

nlohmann::json ResolvedConfig(const v1::JobSpec& spec, const v1::VariantSpec& variant) {
  const VariantOutcome outcome = ResolveVariant(spec, variant, "baselines[0]", true);
  EXPECT_THAT(outcome.problems, IsEmpty());
  return nlohmann::json::parse(outcome.resolved.config_json);
}

TEST(JobVariantsTest, DecodingMakesModelsCausalWithPositionsForItsSteps) {
  const nlohmann::json config = ResolvedConfig(DecodeJob(512), Variant("bert"));
  EXPECT_EQ(config["is_decoder"], true);
  EXPECT_EQ(config["max_position_embeddings"], 512 + 17);
  EXPECT_EQ(ResolvedConfig(Job(64, 512), Variant("bert"))["is_decoder"], false);
}

TEST(JobVariantsTest, PublishedFilesOfEncodersGiveWayToDecoding) {
  v1::VariantSpec variant = Variant("");
  variant.set_config_file_json(
      R"({"model_type": "bert", "is_decoder": false, "max_position_embeddings": 1024})");
  EXPECT_EQ(ResolvedConfig(DecodeJob(512), variant)["is_decoder"], true);
}

TEST(JobVariantsTest, ConfigurationsThatCannotDecodeAreRefused) {
  const Problem encoder = Only(DecodeJob(512), Variant("bert", R"({"is_decoder": false})"));
  EXPECT_EQ(encoder.path, "candidates[0].config.is_decoder");
  EXPECT_THAT(encoder.message, HasSubstr("the job decodes"));
  EXPECT_EQ(Only(DecodeJob(512), Variant("t5", R"({"is_encoder_decoder": false})")).path,
            "candidates[0].config.is_encoder_decoder");
}

TEST(JobVariantsTest, StepsOfDecodingNeedPositionsToo) {
  EXPECT_THAT(Only(DecodeJob(512), Variant("bert-base")).message,
              HasSubstr("no length above 495, but lengths go up to 512: its "
                        "max_position_embeddings holds positions for 512 tokens, and decoding "
                        "steps beyond the context take 17"));
}

TEST(JobVariantsTest, BackendNeedsPlainAttention) {
  v1::VariantSpec variant = Variant("linformer");
  variant.set_attention(v1::ATTENTION_SDPA);
  const Problem problem = Only(Job(64, 128), variant);
  EXPECT_EQ(problem.path, "candidates[0].attention");
  EXPECT_THAT(problem.message, HasSubstr("no plain attention"));
}

TEST(JobVariantsTest, GpuKernelOnCpuIsRefused) {
  v1::JobSpec spec = Job(64, 128);
  spec.set_device("cpu");
  v1::VariantSpec variant = Variant("bert");
  variant.set_attention(v1::ATTENTION_CUDNN);
  EXPECT_THAT(Only(spec, variant).message, HasSubstr("needs a GPU"));
}

TEST(JobVariantsTest, LengthsBelowTheLandmarksAreRefusedWithTheReason) {
  const Problem problem = Only(Job(64, 2048), Variant("nystromformer"));
  EXPECT_EQ(problem.path, "candidates[0]");
  EXPECT_THAT(problem.message, HasSubstr("no length below 65"));
  EXPECT_THAT(problem.message, HasSubstr("plain softmax"));
  EXPECT_THAT(Only(Job(65, 2048), Variant("nystromformer")).message, IsEmpty());
}

TEST(JobVariantsTest, NamedSizeKeepsItsPositions) {
  v1::JobSpec spec = Job(64, 2048);
  const Problem problem = Only(spec, Variant("bert-base"));
  EXPECT_THAT(problem.message, HasSubstr("no length above 512"));
  EXPECT_THAT(problem.message, HasSubstr("extend_positions: true"));
  spec.set_extend_positions(true);
  EXPECT_THAT(Only(spec, Variant("bert-base")).message, IsEmpty());
}

TEST(JobVariantsTest, NamedSizeIgnoresThePreset) {
  const VariantOutcome outcome =
      ResolveVariant(Job(64, 512), Variant("longformer-base-4096"), "", true);
  const auto config = nlohmann::json::parse(outcome.resolved.config_json, nullptr, false);
  EXPECT_EQ(config["hidden_size"], 768);
  EXPECT_EQ(outcome.resolved.max_length, 4096);
  EXPECT_EQ(outcome.resolved.quantum, 512);
}

TEST(JobVariantsTest, ConfigFileSelectsItsModel) {
  v1::VariantSpec variant = Variant("");
  variant.set_config_file_json(R"({"model_type": "bert", "hidden_size": 48, "vocab_size": 97})");
  const VariantOutcome outcome = ResolveVariant(Job(64, 128), variant, "baselines[0]", true);
  ASSERT_THAT(outcome.problems, IsEmpty());
  ASSERT_NE(outcome.model, nullptr);
  EXPECT_EQ(outcome.model->name, "bert");
}

TEST(JobVariantsTest, BadConfigFilesAreRefused) {
  v1::VariantSpec variant = Variant("");
  const char* expected[][2] = {{"{}", "has no model_type"},
                               {"nonsense", "no valid JSON"},
                               {R"({"model_type": 5})", "has no model_type"},
                               {R"({"model_type": "brt"})", "did you mean 'bert'?"},
                               {R"({"model_type": "bert", "hiden_size": 4})", "'hidden_size'"}};
  for (const auto& [json, message] : expected) {
    variant.set_config_file_json(json);
    const Problem problem = Only(Job(64, 128), variant);
    EXPECT_EQ(problem.path, "candidates[0].config_file");
    EXPECT_THAT(problem.message, HasSubstr(message));
  }
}

TEST(JobVariantsTest, ModelMustAgreeWithItsFile) {
  v1::VariantSpec variant = Variant("longformer");
  variant.set_config_file_json(R"({"model_type": "bert"})");
  EXPECT_THAT(Only(Job(64, 128), variant).message, HasSubstr("leave model out"));
}

TEST(JobVariantsTest, WeightsNeedAbsolutePathAndHash) {
  v1::VariantSpec variant = Variant("bert");
  variant.set_weights_path("model.safetensors");
  variant.set_weights_sha256(std::string(64, 'a'));
  EXPECT_THAT(Only(Job(64, 128), variant).message, HasSubstr("no absolute path"));
  variant.set_weights_path("/data/model.safetensors");
  EXPECT_THAT(Only(Job(64, 128), variant).message, IsEmpty());
  variant.set_weights_sha256("abc");
  EXPECT_THAT(Only(Job(64, 128), variant).message, HasSubstr("64 lower-case hex digits"));
}

TEST(JobVariantsTest, PositionsOfGivenWeightsCannotBeExtended) {
  v1::JobSpec spec = Job(64, 2048);
  spec.set_extend_positions(true);
  v1::VariantSpec variant = Variant("bert-base");
  variant.set_weights_path("/data/model.safetensors");
  variant.set_weights_sha256(std::string(64, 'a'));
  EXPECT_EQ(Only(spec, variant).path, "candidates[0].weights_file");
}

TEST(JobVariantsTest, AxesBecomeKeysOfTheConfiguration) {
  v1::JobSpec spec = Job(64, 128);
  spec.add_modes(v1::MODE_TRAINING);
  v1::VariantSpec variant = Variant("bert");
  variant.mutable_axes()->set_prune(0.3);
  variant.mutable_axes()->set_share_layers(true);
  variant.mutable_axes()->set_checkpointing(true);
  const VariantOutcome outcome = ResolveVariant(spec, variant, "candidates[0]", true);
  ASSERT_THAT(outcome.problems, IsEmpty());
  const auto config = nlohmann::json::parse(outcome.resolved.config_json);
  EXPECT_EQ(config["prune"], 0.3);
  EXPECT_EQ(config["share_layers"], true);
  EXPECT_EQ(config["checkpointing"], true);
}

TEST(JobVariantsTest, AxesThatCannotBeAreRefusedByName) {
  v1::VariantSpec variant = Variant("bert");
  variant.mutable_axes()->set_prune(1.5);
  EXPECT_EQ(Only(Job(64, 128), variant).path, "candidates[0].axes.prune");
  variant.mutable_axes()->set_prune(0);
  variant.mutable_axes()->set_checkpointing(true);
  const Problem problem = Only(Job(64, 128), variant);
  EXPECT_EQ(problem.path, "candidates[0].axes.checkpointing");
  EXPECT_THAT(problem.message, HasSubstr("training alone"));
}

}  // namespace
}  // namespace cusp::catalog
