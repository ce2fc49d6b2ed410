#include "worker/models/layers/expert_groups.h"

#include <algorithm>

#include "worker/models/layers/experts.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
ExpertGroups::ExpertGroups(const at::Tensor& expert, int64_t experts)
    : expert_(expert), counts_(CountByExpert(expert.unsqueeze(0), experts).front()) {}

at::Tensor ExpertGroups::operator()(const at::Tensor& x, const Expert& ask) const {
  const auto all = std::find(counts_.begin(), counts_.end(), x.size(0));
  if (all != counts_.end()) {
    // One expert takes them as they are, as when a single token is decoded.
    return ask(all - counts_.begin(), x);
  }
  const at::Tensor order = expert_.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/false);
  const at::Tensor sorted = x.index_select(0, order);
  std::vector<at::Tensor> results;
  int64_t begin = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) {
      results.push_back(ask(static_cast<int64_t>(i), sorted.narrow(0, begin, counts_[i])));
      begin += counts_[i];
    }
  }
  const at::Tensor together = ops::Cat(results, 0);
  return together.new_empty(together.sizes()).index_copy_(0, order, together);
}

}  // namespace cusp::models
