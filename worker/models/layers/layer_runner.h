// Runs the layers of a model, in training with less memory where it is asked for.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

// layer(inputs), whose backward pass keeps the inputs alone and runs the layer once more
// (Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016). Every tensor of the
// layer that has a gradient is a parameter or one of `inputs`. Random draws are repeated.
// `layer` is called after the pass that made it has ended.
using LayerFunction = std::function<at::Tensor(const std::vector<at::Tensor>& inputs)>;
at::Tensor Recomputed(const std::vector<at::Tensor>& inputs, LayerFunction layer);

// Calls layers one by one: as they are or, under the axis `checkpointing` in a pass with
// gradients, by Recomputed. Owned by its model.
class LayerRunner {
 public:
  // By the options of the model's store.
  explicit LayerRunner(const ParameterStore& store);

  // layer(x). As for Recomputed, it holds what it uses by value, but for the model itself.
  template <typename Unary>
  at::Tensor operator()(const at::Tensor& x, const Unary& layer) const {
    return Recomputes() ? Recomputed({x}, [layer](const auto& inputs) { return layer(inputs[0]); })
                        : layer(x);
  }
  // The same with further inputs that have gradients. Undefined ones stay so.
  at::Tensor operator()(const std::vector<at::Tensor>& inputs, const LayerFunction& layer) const {
    return Recomputes() ? Recomputed(inputs, layer) : layer(inputs);
  }

 private:
  bool Recomputes() const;

  bool checkpointing_;
};

}  // namespace cusp::models
