// Tokens by the expert that takes them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace cusp::models {

// Made once for each layer and pass. The device tells the host how many tokens every expert
// has, since the sizes of the products that follow depend on it.
class ExpertGroups {
 public:
  // [c, d] of the c >= 1 tokens of one expert gives [c, e].
  using Expert = std::function<at::Tensor(int64_t expert, const at::Tensor& rows)>;

  // expert [T] int64, each below `experts`.
  ExpertGroups(const at::Tensor& expert, int64_t experts);

  // x [T, d] through the experts of its rows, each of which is asked at most once: [T, e].
  at::Tensor operator()(const at::Tensor& x, const Expert& ask) const;

 private:
  at::Tensor expert_;
  std::vector<int64_t> counts_;
};

}  // namespace cusp::models
