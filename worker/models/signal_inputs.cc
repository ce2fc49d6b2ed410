#include "worker/models/signal_inputs.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

absl::Status CheckSignal(const Inputs& inputs, const std::string& name,
                         const std::set<std::string>& others) {
  std::set<std::string> known = others;
  known.insert(name);
  for (const auto& [given, tensor] : inputs) {
    if (!known.contains(given)) {
      return absl::InvalidArgumentError(absl::StrCat(
          given, ": not an input of this model; it takes ", absl::StrJoin(known, ", ")));
    }
  }
  const auto found = inputs.find(name);
  if (found == inputs.end()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": missing"));
  }
  if (!found->second.is_floating_point()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected floating-point values, got ", ShapeAndType(found->second)));
  }
  return absl::OkStatus();
}

std::string ShapeAndType(const at::Tensor& x) {
  return absl::StrCat("[", absl::StrJoin(x.sizes(), ", "), "] of ", toString(x.scalar_type()));
}

absl::StatusOr<at::Tensor> RandomSignal(at::IntArrayRef sizes, const BuildOptions& build,
                                        uint64_t seed) {
  if (sizes.front() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_size ", sizes.front(), " is out of range; at least 1"));
  }
  at::Tensor values = ops::Empty(sizes, at::kFloat, at::kCPU);
  values.normal_(0, 1, ops::CpuGenerator(seed));
  return values.to(c10::TensorOptions().dtype(build.dtype).device(build.device));
}

}  // namespace cusp::models
