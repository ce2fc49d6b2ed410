#include "worker/runner/ceiling.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <limits>

#include "absl/functional/function_ref.h"
#include "common/status_macros.h"
#include "worker/runner/dtype.h"

namespace cusp::runner {
namespace {

constexpr double kNanosPerSecond = 1e9;
constexpr int64_t kFewNumbers = 64;
// Random numbers are dear to draw; a copy does not see that they repeat.
constexpr int64_t kDrawnNumbers = int64_t{1} << 16;

at::Tensor RandomOf(at::IntArrayRef shape, at::ScalarType dtype, c10::Device device) {
  return at::randn(shape, at::TensorOptions().dtype(at::kFloat).device(device)).to(dtype);
}

// Of the fastest call, never 0.
double FastestSeconds(Timer& timer, int repeats, absl::FunctionRef<void()> work) {
  work();  // kernels, plans and pages are made once
  int64_t fastest = std::numeric_limits<int64_t>::max();
  for (int i = 0; i < repeats; ++i) {
    timer.Begin(2);
    timer.Mark();
    work();
    timer.Mark();
    fastest = std::min(fastest, timer.Finish().front());
  }
  return static_cast<double>(std::max<int64_t>(fastest, 1)) / kNanosPerSecond;
}

double FlopsPerSecond(c10::Device device, Timer& timer, at::ScalarType dtype,
                      const CeilingSizes& sizes) {
  constexpr double kNextCosts = 8;
  double best = 0;
  for (int64_t side = sizes.first_side; side <= sizes.last_side; side *= 2) {
    const at::Tensor a = RandomOf({side, side}, dtype, device);
    const at::Tensor b = RandomOf({side, side}, dtype, device);
    const double seconds = FastestSeconds(timer, sizes.repeats, [&] { at::matmul(a, b); });
    const auto n = static_cast<double>(side);
    best = std::max(best, 2 * n * n * n / seconds);
    if (kNextCosts * seconds * sizes.repeats > sizes.longest_seconds) {
      break;
    }
  }
  return best;
}

double BytesPerSecond(c10::Device device, Timer& timer, const CeilingSizes& sizes) {
  const int64_t numbers = sizes.copied_bytes / static_cast<int64_t>(sizeof(float));
  const int64_t drawn = std::min(numbers, kDrawnNumbers);
  const at::Tensor from = RandomOf({drawn}, at::kFloat, device).repeat({numbers / drawn});
  at::Tensor to = at::empty_like(from);
  const double seconds = FastestSeconds(timer, sizes.repeats, [&] { to.copy_(from); });
  return 2 * static_cast<double>(from.nbytes()) / seconds;
}

double LaunchSeconds(c10::Device device, Timer& timer, const CeilingSizes& sizes) {
  const at::Tensor few = RandomOf({kFewNumbers}, at::kFloat, device);
  return FastestSeconds(timer, sizes.repeats,
                        [&] {
                          for (int i = 0; i < sizes.launches; ++i) {
                            at::add(few, few);
                          }
                        }) /
         sizes.launches;
}

}  // namespace

CeilingSizes UsualSizes(c10::Device device) {
  CeilingSizes sizes;
  if (!device.is_cpu()) {
    // Beyond what caches of accelerators hold.
    sizes.copied_bytes = int64_t{1} << 30;
  }
  return sizes;
}

absl::StatusOr<v1::MeasureCeilingResponse> MeasureCeiling(c10::Device device, Timer& timer,
                                                          const std::vector<std::string>& dtypes,
                                                          const CeilingSizes& sizes) {
  const c10::InferenceMode inference;
  v1::MeasureCeilingResponse response;
  for (const std::string& name : dtypes) {
    CUSP_ASSIGN_OR_RETURN(const at::ScalarType dtype, ParseDtype(name));
    v1::ProductCeiling& product = *response.add_products();
    product.set_dtype(name);
    product.set_flops_per_second(FlopsPerSecond(device, timer, dtype, sizes));
  }
  response.set_bytes_per_second(BytesPerSecond(device, timer, sizes));
  response.set_launch_seconds(LaunchSeconds(device, timer, sizes));
  return response;
}

}  // namespace cusp::runner
