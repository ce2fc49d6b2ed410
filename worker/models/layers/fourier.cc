#include "worker/models/layers/fourier.h"

#include <ATen/ops/fft_rfft2.h>
#include <ATen/ops/real.h>

#include <cstdint>
#include <optional>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Along dimension 1: what stands at k comes from -k modulo the length.
at::Tensor Reversed(const at::Tensor& x) {
  const int64_t n = x.size(1);
  return n < 3 ? x : ops::Cat({x.narrow(1, 0, 1), x.narrow(1, 1, n - 1).flip(1)}, 1);
}

}  // namespace

at::Tensor RealFourier2d(const at::Tensor& x) {
  const bool half = x.scalar_type() == at::kHalf || x.scalar_type() == at::kBFloat16;
  const at::Tensor input = half ? x.to(at::kFloat) : x;
  const at::Tensor known = at::real(at::fft_rfft2(input, std::nullopt, {1, 2}, std::nullopt));
  // Of real input the transform at (-k, -l) is the conjugate of that at (k, l), so
  // half of the features follow from the others.
  const int64_t rest = x.size(2) - known.size(2);
  const at::Tensor mirrored =
      rest > 0 ? Reversed(known.narrow(2, 1, rest).flip(2)) : known.narrow(2, 0, 0);
  return ops::Cat({known, mirrored}, 2).to(x.scalar_type());
}

}  // namespace cusp::models
