#include "worker/models/layers/experts.h"

#include <cstddef>
#include <utility>

#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_rows.h"

namespace cusp::models {
namespace {

// Whether the rows of all experts are gathered at once. Gradients want it so: each gather on
// its own would add up a gradient of all tokens. A GPU is spared launches. Elsewhere one
// expert's rows at a time stay in the cache, and k copies of every token are never written.
bool AtOnce(const at::Tensor& x) { return ops::GradientsOn() || x.is_cuda(); }

// visit(expert, first row, rows), for those that have any.
template <typename Visit>
void ForEachExpert(const std::vector<int64_t>& counts, const Visit& visit) {
  int64_t begin = 0;
  for (size_t expert = 0; expert < counts.size(); ++expert) {
    if (counts[expert] > 0) {
      visit(expert, begin, counts[expert]);
      begin += counts[expert];
    }
  }
}

// rows [R, in] in the order of their experts, each group times its matrix: [R, out].
at::Tensor GroupedProduct(const at::Tensor& rows, const at::Tensor& weights,
                          const std::vector<int64_t>& counts) {
  // Taken apart once: the gradient of many single parts would add up as many wholes.
  const std::vector<at::Tensor> groups = rows.split_with_sizes(counts, 0);
  const std::vector<at::Tensor> matrices = weights.unbind(0);
  std::vector<at::Tensor> products;
  ForEachExpert(counts, [&](size_t expert, int64_t, int64_t) {
    products.push_back(groups[expert].mm(matrices[expert]));
  });
  return ops::Cat(products, 0);
}

}  // namespace

ExpertChoice ChooseExperts(const at::Tensor& scores, int64_t k) {
  // The sigmoid keeps the order, so only the chosen need theirs.
  const auto [best, experts] = scores.topk(k, /*dim=*/-1, /*largest=*/true, /*sorted=*/false);
  return {best.sigmoid(), experts};
}

std::vector<std::vector<int64_t>> CountByExpert(const at::Tensor& choices, int64_t experts) {
  const at::Tensor ones = choices.new_ones({1, 1}).expand(choices.sizes());
  const at::Tensor counts =
      choices.new_zeros({choices.size(0), experts}).scatter_add_(1, choices, ones).cpu();
  std::vector<std::vector<int64_t>> sets;
  const int64_t* first = counts.const_data_ptr<int64_t>();
  for (int64_t set = 0; set < choices.size(0); ++set, first += experts) {
    sets.emplace_back(first, first + experts);
  }
  return sets;
}

std::vector<ExpertRows> GroupByExpert(const at::Tensor& choices, int64_t experts) {
  const at::Tensor order = choices.argsort(/*stable=*/true, /*dim=*/1);
  std::vector<ExpertRows> sets;
  for (std::vector<int64_t>& counts : CountByExpert(choices, experts)) {
    sets.push_back({order.select(0, static_cast<int64_t>(sets.size())), std::move(counts)});
  }
  return sets;
}

at::Tensor ToExperts(const at::Tensor& x, const at::Tensor& sources, const at::Tensor& weights,
                     const std::vector<int64_t>& counts) {
  const at::Tensor flat = x.reshape({-1, x.size(-1)});
  if (AtOnce(x)) {
    return GroupedProduct(flat.index_select(0, sources), weights, counts);
  }
  at::Tensor y = ops::Empty({sources.size(0), weights.size(2)}, x.scalar_type(), x.device());
  ForEachExpert(counts, [&](size_t expert, int64_t begin, int64_t rows) {
    at::Tensor mine = y.narrow(0, begin, rows);
    ops::ProductInto(mine, flat.index_select(0, sources.narrow(0, begin, rows)),
                     weights.select(0, static_cast<int64_t>(expert)));
  });
  return y;
}

at::Tensor FromExperts(const at::Tensor& rows, const at::Tensor& targets, int64_t target_rows,
                       const at::Tensor& weights, const std::vector<int64_t>& counts) {
  at::Tensor y = ops::Full({target_rows, weights.size(2)}, 0, rows.scalar_type(), rows.device());
  if (AtOnce(rows)) {
    return y.index_add_(0, targets, GroupedProduct(rows, weights, counts));
  }
  ForEachExpert(counts, [&](size_t expert, int64_t begin, int64_t count) {
    y.index_add_(0, targets.narrow(0, begin, count),
                 rows.narrow(0, begin, count).mm(weights.select(0, static_cast<int64_t>(expert))));
  });
  return y;
}

}  // namespace cusp::models
