// Products of tokens with the experts that each has chosen. Rows are brought into the order of
// their experts, so that every expert is one matrix product.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace cusp::models {

// Gates and numbers of the experts that tokens have chosen, both [.., k], in no order.
struct ExpertChoice {
  at::Tensor gates;
  at::Tensor experts;
};

// The `k` highest of scores [.., experts], each gated by its sigmoid: experts do not compete
// (Csordas et al., "Approximating Two-Layer Feedforward Networks for Efficient
// Transformers", 2023, section 5).
ExpertChoice ChooseExperts(const at::Tensor& scores, int64_t k);

// How many of each set of choices [m, R], numbers below `experts`, fall on each expert. The
// device tells the host, once for all m sets, since the sizes of products depend on it.
std::vector<std::vector<int64_t>> CountByExpert(const at::Tensor& choices, int64_t experts);

// Rows in the order of their experts.
struct ExpertRows {
  at::Tensor order;             // [R]: which of the choices, counted in their own order
  std::vector<int64_t> counts;  // rows of each expert, in turn
};

// Of choices [m, R], as CountByExpert takes them: m sets of rows.
std::vector<ExpertRows> GroupByExpert(const at::Tensor& choices, int64_t experts);

// weights [E, in, out]. Row r is row sources[r] of x [.., in] times its expert's matrix:
// [R, out].
at::Tensor ToExperts(const at::Tensor& x, const at::Tensor& sources, const at::Tensor& weights,
                     const std::vector<int64_t>& counts);

// Row r of rows [R, in] times its expert's matrix is added to row targets[r] of
// [target_rows, out], which starts from zeros.
at::Tensor FromExperts(const at::Tensor& rows, const at::Tensor& targets, int64_t target_rows,
                       const at::Tensor& weights, const std::vector<int64_t>& counts);

}  // namespace cusp::models
