#include "worker/models/layers/sequence_mask.h"

#include <limits>

#include "worker/models/layers/ops.h"

namespace cusp::models {

double MaskValue(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
      return -65504.0 / 4;
    case at::kDouble:
      return std::numeric_limits<double>::lowest() / 4;
    default:
      // bfloat16 reaches nearly as far as float.
      return static_cast<double>(std::numeric_limits<float>::lowest()) / 4;
  }
}

SequenceMask MakeSequenceMask(const at::Tensor& input_ids, const at::Tensor& attention_mask,
                              int64_t padding, at::ScalarType dtype) {
  SequenceMask mask;
  mask.batch_size = input_ids.size(0);
  mask.length = input_ids.size(1) + padding;
  at::Tensor keep;
  if (attention_mask.defined()) {
    keep = attention_mask.ne(0);
    if (keep.all().item<bool>()) {
      keep.reset();
    }
  }
  if (!keep.defined() && padding > 0) {
    keep = ops::Full(input_ids.sizes(), 1, at::kBool, input_ids.device());
  }
  if (keep.defined()) {
    mask.keep = padding > 0 ? ops::Pad(keep, {0, padding}, 0) : keep;
    mask.additive =
        ops::Full({mask.batch_size, 1, 1, mask.length}, 0, dtype, keep.device())
            .masked_fill_(mask.keep.logical_not().view({-1, 1, 1, mask.length}), MaskValue(dtype));
  }
  return mask;
}

}  // namespace cusp::models
