#include "worker/models/text/funnel_pooling.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Joins what becomes of a sequence x [B, n, ..]: its first token where that is separate,
// `pool` of its pairs [B, p, 2, ..], and a last token without another.
at::Tensor Joined(const at::Tensor& x, const FunnelPoolingOptions& options,
                  const std::function<at::Tensor(const at::Tensor&)>& pool) {
  const int64_t begin = options.separate_cls ? 1 : 0;
  const int64_t end = x.size(1) - (options.separate_cls && options.truncate ? 1 : 0);
  const int64_t pairs = (end - begin) / 2;
  std::vector<at::Tensor> parts = {x.narrow(1, 0, begin)};
  if (pairs > 0) {
    parts.push_back(pool(x.narrow(1, begin, 2 * pairs).unflatten(1, {pairs, 2})));
  }
  parts.push_back(x.narrow(1, begin + 2 * pairs, end - begin - 2 * pairs));
  return ops::Cat(parts, 1);
}

}  // namespace

bool CanPool(int64_t length, const FunnelPoolingOptions& options) {
  return length > (options.separate_cls ? 2 : 1);
}

at::Tensor PoolTokens(const at::Tensor& x, const FunnelPoolingOptions& options) {
  return Joined(x, options, [&](const at::Tensor& pairs) {
    return options.mean ? pairs.mean(2) : pairs.amax(2);
  });
}

FunnelStage PoolStage(const FunnelStage& stage, const FunnelPoolingOptions& options) {
  FunnelStage pooled;
  pooled.step = 2 * stage.step;
  // The first token stands where a pair before the others would.
  pooled.first = options.separate_cls ? 1 - pooled.step : 0;
  const bool whole = options.separate_cls && !options.truncate;
  pooled.length = (stage.length + (whole ? 2 : 1)) / 2;
  if (stage.keep.defined()) {
    pooled.keep = Joined(stage.keep, options, [](const at::Tensor& pairs) { return pairs.all(2); });
  }
  if (stage.types.defined()) {
    pooled.types =
        Joined(stage.types, options, [](const at::Tensor& pairs) { return pairs.select(2, 0); });
  }
  return pooled;
}

at::Tensor Upsample(const at::Tensor& x, int64_t times, int64_t length,
                    const FunnelPoolingOptions& options) {
  const int64_t begin = options.separate_cls ? 1 : 0;
  const int64_t tokens = x.size(1) - begin;
  if (times == 1) {
    return x;
  }
  const at::Tensor repeated = x.narrow(1, begin, tokens)
                                  .unsqueeze(2)
                                  .expand({x.size(0), tokens, times, x.size(2)})
                                  .reshape({x.size(0), tokens * times, x.size(2)});
  const int64_t filled = std::min(length - begin, tokens * times);
  const at::Tensor whole = ops::Cat({x.narrow(1, 0, begin), repeated.narrow(1, 0, filled)}, 1);
  const int64_t missing = length - begin - filled;
  return missing > 0 ? ops::Pad(whole, {0, 0, 0, missing}, 0) : whole;
}

}  // namespace cusp::models
