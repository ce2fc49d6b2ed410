#include "worker/runner/dtype.h"

namespace cusp::runner {

absl::StatusOr<at::ScalarType> ParseDtype(const std::string& name) {
  if (name == "float32") {
    return at::kFloat;
  }
  if (name == "bfloat16") {
    return at::kBFloat16;
  }
  if (name == "float16") {
    return at::kHalf;
  }
  return absl::InvalidArgumentError("dtype: '" + name +
                                    "' is not one of float32, bfloat16, float16");
}

}  // namespace cusp::runner
