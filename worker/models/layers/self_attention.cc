#include "worker/models/layers/self_attention.h"

#include <c10/util/Exception.h>

namespace cusp::models {

at::Tensor SelfAttention::Extend(const at::Tensor& /*x*/, LayerState& /*state*/) {
  TORCH_CHECK(false, "this attention does not decode");
}

}  // namespace cusp::models
