#include "worker/models/layers/embeddings.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

EmbeddingOptions Options(Positions positions) {
  return {.vocab_size = 9,
          .hidden_size = 4,
          .max_position_embeddings = 8,
          .type_vocab_size = 2,
          .pad_token_id = 1,
          .layer_norm_eps = 1e-12,
          .positions = positions};
}

// Sum of the three rows, normed by the formula.
at::Tensor Expected(const ParameterStore& store, int64_t token, int64_t position) {
  const auto& tensors = store.tensors();
  const at::Tensor sum = tensors[0]
                             .second.select(0, token)
                             .add(tensors[1].second.select(0, position))
                             .add(tensors[2].second.select(0, 0));
  const at::Tensor centred = sum.sub(sum.mean());
  return centred.div(centred.square().mean().sqrt());
}

at::Tensor Ids(std::initializer_list<int64_t> values) {
  at::Tensor ids = ops::Empty({1, static_cast<int64_t>(values.size())}, at::kLong, at::kCPU);
  std::copy(values.begin(), values.end(), ids.mutable_data_ptr<int64_t>());
  return ids;
}

void ExpectPositions(Positions kind, std::initializer_list<int64_t> ids,
                     const std::vector<int64_t>& positions) {
  ParameterStore store({.initializer_range = 1});
  const Embeddings embeddings(store, Options(kind));
  const at::Tensor output = embeddings(Ids(ids), {});
  int64_t at = 0;
  for (const int64_t id : ids) {
    EXPECT_LT(ScaledDifference(output.select(0, 0).select(0, at),
                               Expected(store, id, positions[static_cast<size_t>(at)])),
              1e-5)
        << "token " << at;
    ++at;
  }
}

TEST(EmbeddingsTest, BertCountsFromZero) {
  ExpectPositions(Positions::kFromZero, {5, 1, 7}, {0, 1, 2});
}

TEST(EmbeddingsTest, NystromformerCountsFromTwo) {
  ExpectPositions(Positions::kFromTwo, {5, 1, 7}, {2, 3, 4});
}

TEST(EmbeddingsTest, LongformerCountsRealTokensAfterThePaddingToken) {
  ExpectPositions(Positions::kAfterPadding, {5, 1, 7, 1}, {2, 1, 3, 1});
}

TEST(EmbeddingsTest, PaddingTokenStartsAtZero) {
  ParameterStore store({});
  const Embeddings embeddings(store, Options(Positions::kAfterPadding));
  EXPECT_EQ(store.tensors()[0].second.select(0, 1).abs().max().item<float>(), 0);
  EXPECT_EQ(store.tensors()[1].second.select(0, 1).abs().max().item<float>(), 0);
}

TEST(EmbeddingsTest, AbsentTokenTypesAreTypeZero) {
  ParameterStore store({});
  const Embeddings embeddings(store, Options(Positions::kFromZero));
  const at::Tensor ids = Ids({2, 3, 4});
  EXPECT_TRUE(embeddings(ids, {}).equal(embeddings(ids, Ids({0, 0, 0}))));
  EXPECT_FALSE(embeddings(ids, {}).equal(embeddings(ids, Ids({0, 1, 0}))));
}

TEST(EmbeddingsTest, WordsAloneAreScaled) {
  ParameterStore store({.initializer_range = 1});
  EmbeddingOptions options = Options(Positions::kFromZero);
  const Embeddings plain(store, options);
  options.word_scale = 3;
  ParameterStore other({.initializer_range = 1});
  const Embeddings scaled(other, options);
  other.tensors()[0].second.div_(3);
  const at::Tensor ids = Ids({5, 3, 7, 2});
  EXPECT_LT(ScaledDifference(scaled(ids, {}), plain(ids, {})), 1e-5);
  EXPECT_LT(ScaledDifference(scaled.At(ids, 2), plain.At(ids, 2)), 1e-5);
}

TEST(EmbeddingsTest, LaterPiecesOfASequenceGetTheirOwnPositions) {
  for (const Positions kind :
       {Positions::kFromZero, Positions::kFromTwo, Positions::kAfterPadding}) {
    ParameterStore store({.initializer_range = 1});
    const Embeddings embeddings(store, Options(kind));
    const at::Tensor ids = Ids({5, 3, 7, 2});
    EXPECT_TRUE(embeddings.At(ids.narrow(1, 2, 2), 2).equal(embeddings(ids, {}).narrow(1, 2, 2)));
  }
}

}  // namespace
}  // namespace cusp::models
