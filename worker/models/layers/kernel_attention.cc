#include "worker/models/layers/kernel_attention.h"

#include "worker/models/layers/ops.h"

namespace cusp::models {

at::Tensor WithWeightColumn(const at::Tensor& v, const at::Tensor& keep) {
  const at::Tensor ones = ops::Full({1, 1, 1, 1}, 1, v.scalar_type(), v.device())
                              .expand({v.size(0), v.size(1), v.size(2), 1});
  const at::Tensor columns = ops::Cat({v, ones}, -1);
  return keep.defined() ? columns.mul(keep.view({keep.size(0), 1, keep.size(1), 1})) : columns;
}

at::Tensor OverWeights(const at::Tensor& sums, double epsilon) {
  const int64_t size = sums.size(-1) - 1;
  at::Tensor weights = sums.narrow(-1, size, 1);
  weights = epsilon > 0 ? weights.add(epsilon) : weights;
  return sums.narrow(-1, 0, size).div(weights);
}

at::Tensor KernelAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const at::Tensor& keep, double epsilon) {
  const int64_t heads = q.size(0) * q.size(1);
  const auto flat = [heads](const at::Tensor& x) {
    return x.reshape({heads, x.size(2), x.size(3)});
  };
  const at::Tensor values = WithWeightColumn(v, keep);
  const at::Tensor sums = flat(q).bmm(flat(k).transpose(1, 2).bmm(flat(values)));
  return OverWeights(sums.view({q.size(0), q.size(1), q.size(2), values.size(3)}), epsilon);
}

}  // namespace cusp::models
