#include "worker/models/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"
#include "worker/models/safetensors.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Tensors = std::vector<std::pair<std::string, at::Tensor>>;

class WeightsTest : public ::testing::Test {
 protected:
  // Writes the weights of `source`, changed, and loads them into `target`.
  absl::StatusOr<std::vector<std::string>> LoadChanged(
      const std::function<void(Tensors&)>& change) {
    Tensors tensors = source_->NamedTensors();
    change(tensors);
    const std::string path = directory_.path() + "/w.safetensors";
    EXPECT_THAT(WriteSafetensors(path, tensors), IsOk());
    return LoadWeights(path, *target_);
  }

  bool Same() const {
    const Inputs inputs = TinyInputs("bert", kTinyLength, 1);
    return Infer(*source_, inputs).equal(Infer(*target_, inputs));
  }

  TempDir directory_;
  std::unique_ptr<Model> source_ = MustBuild(TinyConfig("bert"), {.seed = 1});
  std::unique_ptr<Model> target_ = MustBuild(TinyConfig("bert"), {.seed = 2, .training = true});
};

TEST_F(WeightsTest, LoadedModelComputesTheSame) {
  EXPECT_FALSE(Same());
  EXPECT_THAT(LoadChanged([](Tensors&) {}), IsOkAndHolds(IsEmpty()));
  EXPECT_TRUE(Same());
}

TEST_F(WeightsTest, CheckpointOfAModelWithAHeadIsUnderstood) {
  const auto notes = LoadChanged([](Tensors& tensors) {
    for (auto& [name, tensor] : tensors) {
      name = "bert." + name;
    }
    tensors.emplace_back("bert.pooler.dense.weight", RandomNormal({2}, 1));
    tensors.emplace_back("bert.embeddings.position_ids", RandomNormal({2}, 1));
    tensors.emplace_back("cls.predictions.bias", RandomNormal({2}, 1));
  });
  EXPECT_THAT(notes, IsOkAndHolds(ElementsAre(AllOf(HasSubstr("bert.pooler.dense.weight"),
                                                    HasSubstr("cls.predictions.bias")))));
  EXPECT_TRUE(Same());
}

TEST(WeightNamesTest, PredictionHeadOfModernBertIsSkipped) {
  std::map<std::string, SafetensorsEntry> file;
  for (const char* name : {"decoder.bias", "decoder.weight", "head.dense.weight",
                           "head.norm.weight", "model.embeddings.norm.weight"}) {
    file[name] = {};
  }
  const auto names = MatchWeightNames(file, {"embeddings.norm.weight"});
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(names->notes, ElementsAre(AllOf(HasSubstr("decoder.weight"), HasSubstr("head."))));
  file["decoder.block.0.weight"] = {};
  EXPECT_THAT(MatchWeightNames(file, {"embeddings.norm.weight"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("decoder.block.0.weight")));
}

TEST_F(WeightsTest, OlderNormNamesAreUnderstood) {
  const auto notes = LoadChanged([](Tensors& tensors) {
    for (auto& [name, tensor] : tensors) {
      if (const size_t at = name.find("LayerNorm."); at != std::string::npos) {
        name = name.substr(0, at + 10) + (name.back() == 't' ? "gamma" : "beta");
      }
    }
  });
  EXPECT_THAT(notes, IsOk());
  EXPECT_TRUE(Same());
}

TEST_F(WeightsTest, OtherFloatingTypesAreConverted) {
  for (const auto dtype : {at::kBFloat16, at::kHalf, at::kDouble}) {
    EXPECT_THAT(LoadChanged([&](Tensors& tensors) {
                  for (auto& [name, tensor] : tensors) {
                    // The source keeps what the narrow type does.
                    tensor.detach().copy_(tensor.to(dtype));
                    tensor = tensor.to(dtype);
                  }
                }),
                IsOk());
    EXPECT_TRUE(Same()) << dtype;
  }
}

TEST_F(WeightsTest, ShardsOfAModelInsideAnotherAreUnderstood) {
  std::string map;
  Tensors halves[2];
  for (const auto& [name, tensor] : source_->NamedTensors()) {
    const bool second = name.find("layer.1") != std::string::npos;
    const std::string wrapped = "module.bert." + name;
    halves[second ? 1 : 0].emplace_back(wrapped, tensor);
    map += "\"" + wrapped + "\": \"" + (second ? "two" : "one") + "\",";
  }
  halves[1].emplace_back("module.cls.predictions.bias", RandomNormal({2}, 1));
  map += R"("module.cls.predictions.bias": "two")";
  ASSERT_THAT(WriteSafetensors(directory_.path() + "/one", halves[0]), IsOk());
  ASSERT_THAT(WriteSafetensors(directory_.path() + "/two", halves[1]), IsOk());
  const std::string path = directory_.path() + "/model.safetensors.index.json";
  ASSERT_THAT(WriteFileAtomically(path, "{\"weight_map\": {" + map + "}}"), IsOk());
  EXPECT_THAT(LoadWeights(path, *target_),
              IsOkAndHolds(ElementsAre(HasSubstr("module.cls.predictions.bias"))));
  EXPECT_TRUE(Same());
}

TEST_F(WeightsTest, MissingTensorIsNamed) {
  EXPECT_THAT(LoadChanged([](Tensors& tensors) { tensors.erase(tensors.begin()); }),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("w.safetensors"), HasSubstr("missing"),
                             HasSubstr("embeddings.word_embeddings.weight"))));
}

TEST_F(WeightsTest, SurplusTensorIsNamed) {
  EXPECT_THAT(LoadChanged([](Tensors& tensors) {
                tensors.emplace_back("encoder.layer.7.output.dense.bias", RandomNormal({2}, 1));
              }),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no place for: encoder.layer.7.output.dense.bias")));
}

TEST_F(WeightsTest, MisshapenTensorIsNamedWithBothShapes) {
  EXPECT_THAT(
      LoadChanged([](Tensors& tensors) {
        tensors[0].second = RandomNormal({38, 16}, 1);
      }),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("word_embeddings"), HasSubstr("[38, 16]"), HasSubstr("[37, 16]"))));
}

TEST_F(WeightsTest, IntegersAreNoWeights) {
  EXPECT_THAT(
      LoadChanged([](Tensors& tensors) { tensors[0].second = tensors[0].second.to(at::kLong); }),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("I64")));
}

TEST_F(WeightsTest, OneTensorUnderTwoNamesIsRefused) {
  EXPECT_THAT(LoadChanged([](Tensors& tensors) {
                tensors.emplace_back("embeddings.LayerNorm.gamma", RandomNormal({16}, 1));
              }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two names")));
}

TEST_F(WeightsTest, FileOfSomethingElseGivesAShortMessage) {
  const auto notes = LoadChanged([](Tensors& tensors) {
    tensors = {{"conv.weight", RandomNormal({16}, 1)}};
  });
  EXPECT_THAT(notes, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more")));
  EXPECT_LT(notes.status().message().size(), 500U);
}

// A file of T5's encoder alone, and one of both read by an encoder.
TEST(OptionalPartTest, DecoderMayBeLackingOrLeftOut) {
  const TempDir directory;
  const std::string path = directory.path() + "/w.safetensors";
  nlohmann::json config = TinyConfig("t5");
  const auto both = MustBuild(config, {.seed = 1});
  config["is_encoder_decoder"] = false;
  const auto encoder = MustBuild(config, {.seed = 2});
  Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  inputs.erase("decoder_input_ids");
  ASSERT_THAT(WriteSafetensors(path, both->NamedTensors()), IsOk());
  EXPECT_THAT(LoadWeights(path, *encoder), IsOkAndHolds(ElementsAre(HasSubstr("skipped"))));
  EXPECT_TRUE(Infer(*encoder, inputs).equal(Infer(*both, inputs)));

  ASSERT_THAT(WriteSafetensors(path, encoder->NamedTensors()), IsOk());
  const auto other = MustBuild(TinyConfig("t5"), {.seed = 3});
  EXPECT_THAT(LoadWeights(path, *other), IsOkAndHolds(ElementsAre(HasSubstr("left out"))));
  EXPECT_TRUE(Infer(*other, inputs).equal(Infer(*both, inputs)));
}

}  // namespace
}  // namespace cusp::models
