// Sum of word, position and segment embeddings, normed: the entry of BERT and
// its relatives (Devlin et al., "BERT", 2019, section 3).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

enum class Positions {
  kFromZero,      // bert: 0, 1, 2, …
  kFromTwo,       // nystromformer: 2, 3, 4, …; the table has two more rows
  kAfterPadding,  // roberta, longformer: pad + 1, pad + 2, … over real tokens; pad for padding
};

struct EmbeddingOptions {
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t max_position_embeddings = 0;
  int64_t type_vocab_size = 0;  // 0: tokens have no types
  std::optional<int64_t> pad_token_id;
  double layer_norm_eps = 0;
  double dropout = 0;  // of the sum; 0 outside training
  Positions positions = Positions::kFromZero;
  double word_scale = 1;  // of the word embeddings, before the others are added
};

// Registers embeddings.{word,position,token_type}_embeddings, the last where tokens
// have types, and embeddings.LayerNorm.
class Embeddings {
 public:
  Embeddings(ParameterStore& store, const EmbeddingOptions& options);

  // ids [B, n] int64; `token_types` [B, n] or undefined for type 0 throughout.
  at::Tensor operator()(const at::Tensor& ids, const at::Tensor& token_types) const;
  // Of tokens that `before` others precede, none of them padding; all of type 0.
  at::Tensor At(const at::Tensor& ids, int64_t before) const;

 private:
  at::Tensor Words(const at::Tensor& ids) const;
  at::Tensor PositionRows(const at::Tensor& ids) const;
  // Row of the first position.
  int64_t FirstRow() const;
  at::Tensor NormOf(const at::Tensor& sum) const;

  EmbeddingOptions options_;
  at::Tensor words_;
  at::Tensor positions_;
  at::Tensor token_types_;
  LayerNorm norm_;
};

}  // namespace cusp::models
