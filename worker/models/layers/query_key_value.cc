#include "worker/models/layers/query_key_value.h"

#include "absl/strings/str_cat.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"

namespace cusp::models {

QueryKeyValue::QueryKeyValue(ParameterStore& store, const std::string& prefix,
                             const AttentionShape& shape)
    : heads_(shape.heads),
      query_(store, absl::StrCat(prefix, ".", shape.names.query), shape.hidden_size,
             shape.inner_size(), shape.linear),
      key_(store, absl::StrCat(prefix, ".", shape.names.key), shape.hidden_size, shape.inner_size(),
           shape.linear),
      value_(store, absl::StrCat(prefix, ".", shape.names.value), shape.hidden_size,
             shape.inner_size(), shape.linear) {}

Projections QueryKeyValue::operator()(const at::Tensor& x) const {
  Enter(Component::kProjection);
  return {query_(x), key_(x), value_(x)};
}

Projections QueryKeyValue::InHeads(const at::Tensor& x) const {
  const auto [q, k, v] = (*this)(x);
  return {Heads(q), Heads(k), Heads(v)};
}

at::Tensor QueryKeyValue::Heads(const at::Tensor& x) const { return SplitHeads(x, heads_); }

}  // namespace cusp::models
