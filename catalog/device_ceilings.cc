#include "catalog/device_ceilings.h"

#include <cmath>

namespace cusp::catalog {
namespace {

bool IsPositive(double value) { return value > 0 && std::isfinite(value); }

std::optional<Ceilings> CeilingsOf(const v1::ThreadSpeed& speed, v1::DType dtype) {
  Ceilings ceilings{.bytes_per_second = speed.bytes_per_second(),
                    .launch_seconds = speed.launch_seconds()};
  for (const v1::ProductSpeed& product : speed.products()) {
    if (product.dtype() == dtype) {
      ceilings.flops_per_second = product.flops_per_second();
    }
  }
  const bool known = IsPositive(ceilings.flops_per_second) &&
                     IsPositive(ceilings.bytes_per_second) && IsPositive(ceilings.launch_seconds);
  return known ? std::optional(ceilings) : std::nullopt;
}

// `share` of the way from a to b, by ratios.
double Between(double a, double b, double share) { return a * std::pow(b / a, share); }

}  // namespace

std::optional<Ceilings> CeilingsFor(const v1::DeviceSpeed& speed, int32_t threads,
                                    v1::DType dtype) {
  std::optional<Ceilings> before;
  int32_t before_threads = 0;
  for (const v1::ThreadSpeed& at : speed.threads()) {
    const std::optional<Ceilings> here = CeilingsOf(at, dtype);
    if (!here) {
      continue;
    }
    if (!before || threads > at.threads()) {
      before = here;
      before_threads = at.threads();
      continue;
    }
    if (threads <= before_threads) {
      break;
    }
    const double share = std::log(static_cast<double>(threads) / before_threads) /
                         std::log(static_cast<double>(at.threads()) / before_threads);
    return Ceilings{
        .flops_per_second = Between(before->flops_per_second, here->flops_per_second, share),
        .bytes_per_second = Between(before->bytes_per_second, here->bytes_per_second, share),
        .launch_seconds = Between(before->launch_seconds, here->launch_seconds, share)};
  }
  return before;
}

}  // namespace cusp::catalog
