// Sequences cut into chunks, each brought together with others.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// Which chunks each of `chunks` meets: [chunks, before + 1 + after], from the farthest one
// before it on. The first one's predecessor is the last. Farther than once around is its
// own place, as slices have it in transformers' Reformer.
at::Tensor RingOfChunks(int64_t chunks, int64_t before, int64_t after, at::Device device);

// x [B, h, n, d] to [B * h * chunks, width * chunk, d], where `index` [chunks, width] says
// which chunks are brought together.
at::Tensor GatherChunks(const at::Tensor& x, int64_t chunk, const at::Tensor& index);

}  // namespace cusp::models
