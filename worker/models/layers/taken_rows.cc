#include "worker/models/layers/taken_rows.h"

#include <torch/csrc/autograd/custom_function.h>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

class TakenRows : public torch::autograd::Function<TakenRows> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& order, const at::Tensor& places) {
    context->save_for_backward({places});
    context->saved_data["rows"] = x.size(0);
    return x.index_select(0, order);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const int64_t rows = context->saved_data["rows"].toInt();
    const at::Tensor gathered = gradients[0].index_select(0, context->get_saved_variables()[0]);
    const bool once = gathered.size(0) == rows;
    return {once ? gathered : gathered.view({rows, -1, gathered.size(1)}).sum(1), {}, {}};
  }
};

}  // namespace

at::Tensor TakeRows(const at::Tensor& x, const at::Tensor& order, const at::Tensor& places) {
  return ops::GradientsOn() && x.requires_grad() ? TakenRows::apply(x, order, places)
                                                 : x.index_select(0, order);
}

at::Tensor InversePermutation(const at::Tensor& order) {
  return at::Tensor(order.new_empty(order.sizes()))
      .scatter_(0, order, ops::Arange(order.size(0), order.device()));
}

}  // namespace cusp::models
