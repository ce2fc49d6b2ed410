// The random features of Performer (Choromanski et al., 2021).
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// Which maximum a feature map takes off its exponents.
enum class FeatureSide { kQuery, kKey };

// [features, head_size] float32: directions that are orthogonal within each block of
// head_size rows, with the lengths of normal vectors (section 2.4 there).
at::Tensor OrthogonalFeatures(int64_t features, int64_t head_size, at::Generator& generator);

// phi(x) [B, h, n, m] up to the factor m^-1/2, which attention divides out again:
// exp(W x' - |x'|^2 / 2 - c) + 1e-4 with x' = x d_h^-1/4 of x [B, h, n, d_h]. c is each
// row's maximum of W x' for queries and that of all tokens and features for keys
// (lemma 1 there, and the authors' stabilizer).
at::Tensor PositiveFeatures(const at::Tensor& x, const at::Tensor& features, FeatureSide side);

}  // namespace cusp::models
