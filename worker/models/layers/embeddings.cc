#include "worker/models/layers/embeddings.h"

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

int64_t PositionTableRows(const EmbeddingOptions& options) {
  return options.max_position_embeddings + (options.positions == Positions::kFromTwo ? 2 : 0);
}

std::optional<int64_t> ZeroPosition(const EmbeddingOptions& options) {
  return options.positions == Positions::kAfterPadding ? options.pad_token_id : std::nullopt;
}

at::Tensor MakeTokenTypes(ParameterStore& store, const EmbeddingOptions& options) {
  return options.type_vocab_size == 0
             ? at::Tensor()
             : store.Normal("embeddings.token_type_embeddings.weight",
                            {options.type_vocab_size, options.hidden_size});
}

}  // namespace

Embeddings::Embeddings(ParameterStore& store, const EmbeddingOptions& options)
    : options_(options),
      words_(store.Normal("embeddings.word_embeddings.weight",
                          {options.vocab_size, options.hidden_size}, options.pad_token_id)),
      positions_(store.Normal("embeddings.position_embeddings.weight",
                              {PositionTableRows(options), options.hidden_size},
                              ZeroPosition(options))),
      token_types_(MakeTokenTypes(store, options)),
      norm_(store, "embeddings.LayerNorm", options.hidden_size, options.layer_norm_eps) {}

at::Tensor Embeddings::operator()(const at::Tensor& ids, const at::Tensor& token_types) const {
  at::Tensor x = Words(ids);
  if (token_types_.defined()) {
    x.add_(token_types.defined() ? ops::Embedding(token_types_, token_types)
                                 : token_types_.select(0, 0));
  }
  return NormOf(x.add_(PositionRows(ids)));
}

at::Tensor Embeddings::At(const at::Tensor& ids, int64_t before) const {
  at::Tensor x = Words(ids);
  if (token_types_.defined()) {
    x.add_(token_types_.select(0, 0));
  }
  return NormOf(x.add_(positions_.narrow(0, FirstRow() + before, ids.size(1))));
}

at::Tensor Embeddings::Words(const at::Tensor& ids) const {
  at::Tensor x = ops::Embedding(words_, ids);
  return options_.word_scale == 1 ? x : x.mul_(options_.word_scale);
}

at::Tensor Embeddings::NormOf(const at::Tensor& sum) const {
  Enter(Component::kNorm);
  const at::Tensor x = norm_(sum);
  return options_.dropout > 0 ? ops::Dropout(x, options_.dropout) : x;
}

int64_t Embeddings::FirstRow() const {
  switch (options_.positions) {
    case Positions::kFromZero:
      return 0;
    case Positions::kFromTwo:
      return 2;
    case Positions::kAfterPadding:
      break;
  }
  return options_.pad_token_id.value_or(0) + 1;
}

at::Tensor Embeddings::PositionRows(const at::Tensor& ids) const {
  if (options_.positions != Positions::kAfterPadding) {
    return positions_.narrow(0, FirstRow(), ids.size(1));
  }
  const int64_t pad = options_.pad_token_id.value_or(0);
  const at::Tensor real = ids.ne(pad);
  return ops::Embedding(positions_, real.cumsum(1).mul_(real).add_(pad));
}

}  // namespace cusp::models
