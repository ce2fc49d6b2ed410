// Attention of each token to its neighbours within `reach`, by overlapping
// chunks (Beltagy, Peters and Cohan, "Longformer", 2020, section 3.1).
//
// Queries are cut into blocks of `reach` tokens; each block meets the keys of
// its own and both neighbouring blocks, and the band mask takes away what lies
// further off. Memory and time are linear: n * 3 * reach scores per head.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

class SlidingWindow {
 public:
  // Attends where |i - j| <= reach.
  explicit SlidingWindow(int64_t reach) : reach_(reach) {}

  // Whether some of `length` tokens lie too far apart.
  bool Cuts(int64_t length) const { return length > reach_ + 1; }

  // q, k, v [B, h, n, d_h] of any length give [B, n, h * d_h], as AttentionCore does.
  // `keep` [B, n] bool or undefined says which keys take part.
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        const at::Tensor& keep, double dropout);

  // In two steps: q, k [B, h, n, d_h], n a multiple of `reach`, give masked scores
  // [B, h, n, 3 * reach], scaled by d_h^-1/2. The last `filled` tokens, fewer than
  // `reach`, are none.
  at::Tensor Scores(const at::Tensor& q, const at::Tensor& k, const at::Tensor& keep,
                    int64_t filled = 0);

  // … and weights [B, h, n, 3 * reach] and v [B, h, n, d_h] give [B, h, n, d_h].
  at::Tensor Mix(const at::Tensor& weights, const at::Tensor& v) const;

 private:
  // Masks what no key stands behind, and what `keep` leaves out.
  void Hide(const at::Tensor& scores, const at::Tensor& keep, int64_t filled) const;
  // [B, h, n, d] to [B * h * blocks, 3 * reach, d]: every block with its neighbours.
  at::Tensor Neighbourhoods(const at::Tensor& x) const;
  at::Tensor NeighbourIndex(int64_t blocks, at::Device device) const;
  // [1, reach, 3 * reach], 0 inside the band. The same for every block.
  const at::Tensor& Band(at::ScalarType dtype, at::Device device);

  int64_t reach_;
  at::Tensor band_;
};

}  // namespace cusp::models
