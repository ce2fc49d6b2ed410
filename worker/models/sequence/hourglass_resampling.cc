#include "worker/models/sequence/hourglass_resampling.h"

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

// [1, 1, m, s], MaskValue where a key stands after the query; undefined where none does.
at::Tensor LaterKeys(int64_t queries, int64_t first, int64_t step, int64_t keys, int64_t key_step,
                     const at::TensorOptions& options) {
  if ((keys - 1) * key_step <= first) {
    return {};
  }
  const at::Tensor query = ops::Arange(queries, options.device()).mul(step).add(first).unsqueeze(1);
  const at::Tensor later = ops::Arange(keys, options.device()).mul(key_step).gt(query);
  const auto dtype = c10::typeMetaToScalarType(options.dtype());
  return ops::Full({1, 1, queries, keys}, 0, dtype, options.device())
      .masked_fill_(later, MaskValue(dtype));
}

std::optional<ResamplingAttention> MakeAttention(ParameterStore& store, const std::string& prefix,
                                                 const ResamplingOptions& options,
                                                 int64_t key_step) {
  if (options.kind != Resampling::kAttention) {
    return std::nullopt;
  }
  return ResamplingAttention(store, prefix, options, key_step);
}

ResamplingSource ReadBy(const std::optional<ResamplingAttention>& attention,
                        const at::Tensor& source, const at::Tensor& additive, KvCache* cache) {
  return attention.has_value() ? attention->Read(source, additive, cache) : ResamplingSource{};
}

}  // namespace

Resampling ResamplingOf(const std::string& name) {
  if (name == "average") {
    return Resampling::kAverage;
  }
  return name == "attention" ? Resampling::kAttention : Resampling::kLinear;
}

ResamplingAttention::ResamplingAttention(ParameterStore& store, const std::string& prefix,
                                         const ResamplingOptions& options, int64_t key_step)
    : heads_(options.attention.heads),
      key_step_(key_step),
      source_norm_(store, prefix + ".source_norm", options.attention.hidden_size,
                   options.block.layer_norm_eps),
      query_(store, prefix + ".query", options.attention.hidden_size,
             options.attention.inner_size()),
      key_(store, prefix + ".key", options.attention.hidden_size, options.attention.inner_size()),
      value_(store, prefix + ".value", options.attention.hidden_size,
             options.attention.inner_size()),
      core_(options.backend, options.attention.dropout),
      block_(store, prefix, options.block) {}

ResamplingSource ResamplingAttention::Read(const at::Tensor& source, const at::Tensor& additive,
                                           KvCache* cache) const {
  if (source.defined()) {
    Enter(Component::kNorm);
    const at::Tensor normed = source_norm_(source);
    Enter(Component::kProjection);
    const at::Tensor keys = SplitHeads(key_(normed), heads_);
    const at::Tensor values = SplitHeads(value_(normed), heads_);
    if (cache == nullptr) {
      return {keys, values, additive};
    }
    cache->Append(keys, values);
  }
  return {cache->keys(), cache->values(), additive};
}

at::Tensor ResamplingAttention::operator()(const at::Tensor& x, int64_t first, int64_t step,
                                           const ResamplingSource& source) {
  return block_(x, [&](const at::Tensor& normed) {
    Enter(Component::kProjection);
    const at::Tensor q = SplitHeads(query_(normed), heads_);
    Enter(Component::kMixing);
    at::Tensor hidden =
        LaterKeys(x.size(1), first, step, source.keys.size(2), key_step_, x.options());
    if (source.additive.defined()) {
      hidden = hidden.defined() ? hidden.add(source.additive) : source.additive;
    }
    return core_(q, source.keys, source.values, hidden);
  });
}

Shortening::Shortening(ParameterStore& store, const std::string& prefix,
                       const ResamplingOptions& options)
    : factor_(options.factor), attention_(MakeAttention(store, prefix, options, /*key_step=*/1)) {
  if (options.kind == Resampling::kLinear) {
    const int64_t size = options.block.hidden_size;
    linear_.emplace(store, prefix, factor_ * size, size);
  }
}

ResamplingSource Shortening::Read(const at::Tensor& x, const at::Tensor& additive,
                                  KvCache* cache) const {
  return ReadBy(attention_, x, additive, cache);
}

at::Tensor Shortening::operator()(const at::Tensor& groups, int64_t first,
                                  const ResamplingSource& source) {
  Enter(Component::kOther);
  const int64_t count = groups.size(1) / factor_;
  if (linear_.has_value()) {
    return (*linear_)(groups.reshape({groups.size(0), count, factor_ * groups.size(2)}));
  }
  const at::Tensor means = groups.unflatten(1, {count, factor_}).mean(2);
  return attention_.has_value() ? (*attention_)(means, first * factor_, factor_, source) : means;
}

Upsampling::Upsampling(ParameterStore& store, const std::string& prefix,
                       const ResamplingOptions& options)
    : factor_(options.factor), attention_(MakeAttention(store, prefix, options, options.factor)) {
  if (options.kind != Resampling::kAverage) {
    const int64_t size = options.block.hidden_size;
    linear_.emplace(store, prefix + ".linear", size, factor_ * size);
  }
}

ResamplingSource Upsampling::Read(const at::Tensor& groups, const at::Tensor& additive,
                                  KvCache* cache) const {
  return ReadBy(attention_, groups, additive, cache);
}

at::Tensor Upsampling::Lengthen(const at::Tensor& groups) const {
  Enter(Component::kOther);
  const at::Tensor wide =
      linear_.has_value()
          ? (*linear_)(groups)
          : groups.unsqueeze(2).expand({groups.size(0), groups.size(1), factor_, groups.size(2)});
  return wide.reshape({groups.size(0), groups.size(1) * factor_, groups.size(2)});
}

at::Tensor Upsampling::operator()(const at::Tensor& x, const at::Tensor& lengthened, int64_t first,
                                  const ResamplingSource& source) {
  Enter(Component::kOther);
  const at::Tensor sum = x.add(lengthened);
  return attention_.has_value() ? (*attention_)(sum, first, 1, source) : sum;
}

}  // namespace cusp::models
