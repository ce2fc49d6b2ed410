#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/tiny_models.h"
#include "tests/worker/models/training_checks.h"
#include "worker/models/model.h"
#include "worker/models/safetensors.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

nlohmann::json Config(const nlohmann::json& changes) {
  nlohmann::json config = TinyConfig("reformer");
  config.update(changes);
  return config;
}

at::Tensor OutputOf(const nlohmann::json& changes, const Inputs& inputs) {
  return Infer(*MustBuild(Config(changes), {.dtype = at::kDouble}), inputs);
}

// Both kinds of attention, each chunk seeing every other once.
TEST(ReformerTest, SeeingAllChunksIsFullAttention) {
  const Inputs inputs = TinyInputs("reformer", kTinyLength, 1);
  const at::Tensor full =
      OutputOf({{"lsh_attn_chunk_length", 24}, {"local_attn_chunk_length", 24}}, inputs);
  const at::Tensor chunks = OutputOf({{"lsh_attn_chunk_length", 4},
                                      {"lsh_num_chunks_before", 5},
                                      {"local_attn_chunk_length", 8},
                                      {"local_num_chunks_after", 1},
                                      {"num_hashes", 1}},
                                     inputs);
  EXPECT_LT(ScaledDifference(chunks, full, inputs.at("attention_mask")), 1e-10);
}

TEST(ReformerTest, HashSeedAloneDecidesTheHashes) {
  Inputs inputs = TinyInputs("reformer", kTinyLength, 1);
  const auto output = [&](const nlohmann::json& seed) {
    return OutputOf({{"hash_seed", seed}}, inputs);
  };
  EXPECT_TRUE(output(7).equal(output(7)));
  EXPECT_FALSE(output(7).equal(output(8)));
  EXPECT_FALSE(output(7).equal(output(nullptr)));
}

TEST(ReformerTest, CausalTokensSeeNothingThatComesLater) {
  Inputs inputs = TinyInputs("reformer", kTinyLength, 1);
  inputs.erase("attention_mask");
  // What comes later moves chunks, so every chunk has to see all.
  const nlohmann::json changes = {{"is_decoder", true},
                                  {"lsh_num_chunks_before", 5},
                                  {"local_num_chunks_before", 2},
                                  {"num_hashes", 1}};
  const at::Tensor before = OutputOf(changes, inputs);
  inputs["input_ids"] = inputs.at("input_ids").clone();
  inputs["input_ids"].select(1, 15).add_(1).remainder_(35).add_(2);
  const at::Tensor changed = OutputOf(changes, inputs).sub(before).abs().amax(-1).amax(0);
  EXPECT_LT(changed.narrow(0, 0, 15).max().item<double>(), 1e-12);
  EXPECT_GT(changed.narrow(0, 15, 9).min().item<double>(), 1e-6);
}

TEST(ReformerTest, ShortInputsAreNotPadded) {
  const nlohmann::json chunks = {{"lsh_attn_chunk_length", 16}, {"local_attn_chunk_length", 12}};
  const Inputs inputs = TinyInputs("reformer", 11, 1);
  EXPECT_LT(ScaledDifference(
                OutputOf(chunks, inputs),
                OutputOf({{"lsh_attn_chunk_length", 64}, {"local_attn_chunk_length", 64}}, inputs)),
            1e-12);
}

TEST(ReformerTest, PositionsNeedNotBeAxial) {
  const auto model = MustBuild(Config({{"axial_pos_embds", false}}));
  const auto tensors = model->NamedTensors();
  EXPECT_EQ(tensors[1].first, "embeddings.position_embeddings.embedding.weight");
  EXPECT_EQ(tensors[1].second.sizes(), at::IntArrayRef({64, 8}));
}

TEST(ReformerTest, OutputHasBothStreams) {
  EXPECT_EQ(OutputOf(nlohmann::json::object(), TinyInputs("reformer", 19, 1)).sizes(),
            at::IntArrayRef({2, 19, 16}));
}

TEST(ReformerTest, LayersOfOneKindShareTheirParametersAndHashAsTheyDid) {
  const nlohmann::json config =
      Config({{"attn_layers", {"local", "lsh", "local", "lsh"}}, {"share_layers", true}});
  ExpectParametersAsBuilt(config);
  const auto shared = MustBuild(config, {.dtype = at::kDouble});
  nlohmann::json all = config;
  all["share_layers"] = false;
  const auto repeated = MustBuild(all, {.dtype = at::kDouble});
  std::map<std::string, at::Tensor> sources;
  for (const auto& [name, tensor] : shared->NamedTensors()) {
    EXPECT_FALSE(name.starts_with("encoder.layers.2.") || name.starts_with("encoder.layers.3."));
    sources.emplace(name, tensor);
  }
  for (const auto& [name, tensor] : repeated->NamedTensors()) {
    tensor.detach().copy_(sources.at(
        absl::StrReplaceAll(name, {{"layers.2.", "layers.0."}, {"layers.3.", "layers.1."}})));
  }
  const Inputs inputs = TinyInputs("reformer", kTinyLength, 1);
  EXPECT_TRUE(Infer(*shared, inputs).equal(Infer(*repeated, inputs)));
}

// The order of hashed tokens is kept, and nothing else that depends on depth.
TEST(ReformerTest, TrainingKeepsNoActivationsOfItsLayers) {
  const int64_t length = 512;
  const auto held = [&](const std::vector<std::string>& layers) {
    const auto model = MustBuild(
        Config({{"attn_layers", layers}, {"max_position_embeddings", length}}), {.training = true});
    const auto inputs = model->RandomInputs(length, 2, 1);
    model->Forward(*inputs);  // draws the rotations, which stay
    return HeldBytes([&] { return model->Forward(*inputs); });
  };
  const int64_t local = held({"local"});
  EXPECT_EQ(held(std::vector<std::string>(6, "local")), local);
  const int64_t batch_heads_rounds = 2 * 2 * 2;
  EXPECT_EQ(held({"local", "lsh", "lsh", "lsh"}), local + 3 * batch_heads_rounds * length * 8);
}

TEST(ReformerTest, DropoutIsTheSameOnTheWayBack) {
  // With the numbers drawn anew, streams would not be restored, and gradients differ.
  const nlohmann::json dropout = {{"hidden_dropout_prob", 0.3},
                                  {"lsh_attention_probs_dropout_prob", 0.3},
                                  {"local_attention_probs_dropout_prob", 0.3}};
  const auto model = MustBuild(Config(dropout), {.dtype = at::kDouble, .training = true});
  const Inputs inputs = TinyInputs("reformer", kTinyLength, 5);
  const auto loss = [&](uint64_t seed) {
    SeedDropout(seed);
    return model->Forward(inputs).square().sum();
  };
  loss(1).backward();
  at::Tensor weight = model->Parameters().front();
  const at::Tensor gradient = weight.grad().view({-1});
  const int64_t place = gradient.abs().argmax().item<int64_t>();
  at::Tensor entry = weight.detach().view({-1}).select(0, place);
  entry.add_(1e-5);
  const double above = loss(1).item<double>();
  entry.sub_(2e-5);
  const double below = loss(1).item<double>();
  EXPECT_NEAR(gradient.select(0, place).item<double>(), (above - below) / 2e-5, 1e-5);
  EXPECT_GT(std::abs(loss(2).item<double>() - below), 1e-3);
}

TEST(ReformerTest, ConfigurationsThatDoNotGoTogetherAreRefused) {
  for (const auto& [change, part] :
       {std::pair{R"({"num_buckets": 5})", "use 6"},
        {R"({"num_buckets": [4, 3]})", "holds 3"},
        {R"({"axial_pos_shape": [4, 4, 4]})", "lists 3 numbers"},
        {R"({"axial_pos_embds_dim": [4, 5]})", "adds up to 9"},
        {R"({"hidden_size": 1})", "leaves no features"},
        {R"({"lsh_attn_chunk_length": null})", "there are lsh layers"},
        {R"({"attn_layers": ["global"]})", "local lsh"},
        {R"({"lsh_attn_chunk_length": 1048575, "local_attn_chunk_length": 1048576})",
         "common multiple"},
        {R"({"pad_token_id": 37})", "outside the vocabulary"}}) {
    EXPECT_THAT(BuildModel(Config(nlohmann::json::parse(change)).dump(), {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)))
        << change;
  }
}

// Files written by the first versions of transformers hold what masked scores become.
TEST(ReformerTest, StoredMaskValuesAreSkipped) {
  const TempDir folder;
  const std::string path = folder.Join("model.safetensors");
  const auto model = MustBuild(TinyConfig("reformer"));
  auto tensors = model->NamedTensors();
  for (const char* name : {"mask_value_float16", "self_mask_value_float32"}) {
    tensors.emplace_back(std::string("encoder.layers.0.attention.self_attention.") + name,
                         RandomNormal({1}, 1));
  }
  ASSERT_THAT(WriteSafetensors(path, tensors), IsOk());
  EXPECT_THAT(LoadWeights(path, *model), IsOk());
}

// As published where no layer hashes.
TEST(ReformerTest, KeysOfHashingMayBeNullWithoutIt) {
  EXPECT_THAT(BuildModel(Config({{"attn_layers", {"local", "local"}},
                                 {"lsh_attn_chunk_length", nullptr},
                                 {"lsh_num_chunks_before", nullptr},
                                 {"lsh_num_chunks_after", nullptr},
                                 {"lsh_attention_probs_dropout_prob", nullptr}})
                             .dump(),
                         {}),
              IsOk());
}

}  // namespace
}  // namespace cusp::models
