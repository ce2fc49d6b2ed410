// Nystromformer (Xiong et al., 2021): softmax attention approximated from a
// few landmarks, the means of equal segments.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/model.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {

struct NystromformerOptions {
  EncoderOptions encoder;
  int64_t num_landmarks = 64;
  // Length that inputs must have outside profiling; equal to num_landmarks it
  // selects plain softmax attention.
  int64_t segment_means_seq_len = 64;
  // Taps of the depthwise convolution over the values, odd; none leaves it out.
  std::optional<int64_t> conv_kernel_size = 65;
};

// Moore-Penrose inverse of square matrices [N, m, m] with rows that sum to 1,
// by the iteration of section 3.2, eq. 9. Its start is scaled by the largest
// column sum of the whole batch, as the reference does.
at::Tensor IterativePseudoInverse(const at::Tensor& matrices, int64_t iterations);

// q, k, v [B, h, n, d_h], n a multiple of `landmarks`, give [B, h, n, d_h];
// `additive` [B, 1, 1, n] masks keys where defined. Eq. 13 without the convolution.
at::Tensor NystromAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& additive, int64_t landmarks, int64_t iterations);

// INVALID_ARGUMENT names the key.
absl::StatusOr<std::unique_ptr<Model>> BuildNystromformer(ConfigReader& config,
                                                          const BuildOptions& build);

}  // namespace cusp::models
