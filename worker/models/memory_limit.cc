#include "worker/models/memory_limit.h"

#include <unistd.h>

#include "absl/strings/str_format.h"

namespace cusp::models {

absl::Status CheckMemory(double parameter_bytes, const BuildOptions& build,
                         const std::string& sizes) {
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  // Weights are drawn on the CPU for every device.
  const double needed = parameter_bytes * (build.training && build.device.is_cpu() ? 2 : 1);
  if (needed <= machine) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "configuration: parameters%s would take %.3g GiB and this machine has %.3g GiB: %s",
      build.training ? " and gradients" : "", needed / kGiB, machine / kGiB, sizes));
}

}  // namespace cusp::models
