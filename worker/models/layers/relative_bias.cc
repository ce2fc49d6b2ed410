#include "worker/models/layers/relative_bias.h"

#include <cmath>

#include "worker/models/layers/ops.h"

namespace cusp::models {

RelativeBias::RelativeBias(ParameterStore& store, const std::string& prefix,
                           const RelativeBiasOptions& options)
    : options_(options),
      weight_(store.Normal(prefix + ".relative_attention_bias.weight",
                           {options.buckets, options.heads})) {}

at::Tensor RelativeBias::operator()(int64_t queries, int64_t before) const {
  const int64_t keys = before + queries;
  // One value for each distance, from that of the last query's first key to that of the
  // first query's last; each query sees a stretch of them.
  const at::Tensor distance = ops::Arange(keys + queries - 1, weight_.device()).sub(keys - 1);
  const at::Tensor values = ops::Embedding(weight_, RelativeBuckets(distance, options_));
  return values.t().unfold(1, keys, 1).flip({1}).unsqueeze(0);
}

at::Tensor RelativeBuckets(const at::Tensor& distance, const RelativeBiasOptions& options) {
  const int64_t buckets = options.bidirectional ? options.buckets / 2 : options.buckets;
  const at::Tensor steps = options.bidirectional ? distance.abs() : distance.clamp_max(0).neg();
  const int64_t exact = buckets / 2;
  // In float32 and in the reference's order: where a bucket ends, rounding decides.
  const at::Tensor wide =
      steps.to(at::kFloat)
          .div(exact)
          .log()
          .div(std::log(static_cast<double>(options.max_distance) / static_cast<double>(exact)))
          .mul(buckets - exact)
          .clamp(0, static_cast<double>(buckets - exact - 1))
          .to(at::kLong)
          .add(exact);
  const at::Tensor bucket = ops::Where(steps.lt(exact), steps, wide);
  return options.bidirectional ? bucket.add(distance.gt(0).to(at::kLong).mul(buckets)) : bucket;
}

}  // namespace cusp::models
