#include "worker/models/layers/layer_runner.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <mutex>
#include <utility>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// The state of the generator that dropout draws from.
at::Tensor RandomState(at::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

// Makes it what it was while the scope lives.
class RandomStateScope {
 public:
  RandomStateScope(at::Device device, const at::Tensor& state)
      : device_(device), before_(RandomState(device)) {
    Set(state);
  }
  RandomStateScope(const RandomStateScope&) = delete;
  RandomStateScope& operator=(const RandomStateScope&) = delete;
  ~RandomStateScope() { Set(before_); }

 private:
  void Set(const at::Tensor& state) const {
    at::Generator generator = at::globalContext().defaultGenerator(device_);
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
  }

  at::Device device_;
  at::Tensor before_;
};

// What the graph keeps of a layer besides its inputs.
struct Kept : torch::CustomClassHolder {
  // With the undefined inputs, which the graph does not take, in their places.
  at::Tensor Run(const std::vector<at::Tensor>& inputs) const {
    std::vector<at::Tensor> all;
    size_t at = 0;
    for (const bool is_defined : defined) {
      all.push_back(is_defined ? inputs[at++] : at::Tensor());
    }
    return layer(all);
  }

  LayerFunction layer;
  std::vector<bool> defined;  // which inputs are
  at::Tensor random_state;
};

constexpr const char* kKept = "kept";

class Recomputation : public torch::autograd::Function<Recomputation> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, at::TensorList inputs,
                            const c10::intrusive_ptr<Kept>& kept) {
    context->saved_data[kKept] = c10::IValue::make_capsule(kept);
    context->save_for_backward(inputs.vec());
    return kept->Run(inputs.vec());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto kept =
        c10::static_intrusive_pointer_cast<Kept>(context->saved_data.at(kKept).toCapsule());
    const at::AutoGradMode recording(true);
    std::vector<at::Tensor> inputs = context->get_saved_variables();
    for (at::Tensor& input : inputs) {
      input = input.detach().requires_grad_(input.requires_grad());
    }
    at::Tensor output;
    {
      const RandomStateScope scope(inputs.front().device(), kept->random_state);
      output = kept->Run(inputs);
    }
    torch::autograd::backward({output}, {gradients.front()});
    torch::autograd::variable_list result;
    for (const at::Tensor& input : inputs) {
      result.push_back(input.grad());
    }
    result.emplace_back();  // of `kept`
    return result;
  }
};

}  // namespace

at::Tensor Recomputed(const std::vector<at::Tensor>& inputs, LayerFunction layer) {
  auto kept = c10::make_intrusive<Kept>();
  kept->layer = std::move(layer);
  kept->random_state = RandomState(inputs.front().device());
  std::vector<at::Tensor> defined;
  for (const at::Tensor& input : inputs) {
    kept->defined.push_back(input.defined());
    if (input.defined()) {
      defined.push_back(input);
    }
  }
  return Recomputation::apply(at::TensorList(defined), kept);
}

LayerRunner::LayerRunner(const ParameterStore& store)
    : checkpointing_(store.options().checkpointing && store.options().training) {}

bool LayerRunner::Recomputes() const { return checkpointing_ && ops::GradientsOn(); }

}  // namespace cusp::models
