#include "worker/models/layers/reversible.h"

#include <ATen/Context.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The parts of one pass, and what each left for its second run.
struct Pass : torch::CustomClassHolder {
  struct Kept {
    at::Tensor values;
    at::Tensor random_state;
  };
  std::vector<ReversiblePart> parts;
  std::vector<Kept> kept;
};

at::Generator GeneratorOf(const at::Tensor& x) {
  return at::globalContext().defaultGenerator(x.device());
}

at::Tensor RandomState(const at::Tensor& x) {
  at::Generator generator = GeneratorOf(x);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void SetRandomState(const at::Tensor& x, const at::Tensor& state) {
  at::Generator generator = GeneratorOf(x);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
}

// While it lives, random numbers on the tensor's device go on from `state`, where defined.
class ReplayedRandomness {
 public:
  ReplayedRandomness(const at::Tensor& x, const at::Tensor& state) : x_(x) {
    if (state.defined()) {
      before_ = RandomState(x);
      SetRandomState(x, state);
    }
  }
  ReplayedRandomness(const ReplayedRandomness&) = delete;
  ReplayedRandomness& operator=(const ReplayedRandomness&) = delete;
  ~ReplayedRandomness() {
    if (before_.defined()) {
      SetRandomState(x_, before_);
    }
  }

 private:
  at::Tensor x_;
  at::Tensor before_;
};

using Streams = std::array<at::Tensor, 2>;

// Part i reads one stream and adds to the other: f reads the second.
size_t Target(size_t i) { return i % 2; }

at::Tensor RunForward(Pass& pass, const at::Tensor& x) {
  Streams streams = {x.clone(), x.clone()};
  for (size_t i = 0; i < pass.parts.size(); ++i) {
    const at::Tensor& source = streams[1 - Target(i)];
    if (pass.parts[i].random) {
      pass.kept[i].random_state = RandomState(x);
    }
    streams[Target(i)].add_(pass.parts[i].branch(source, pass.kept[i].values));
  }
  return ops::Cat(streams, -1);
}

Streams Halves(const at::Tensor& x) {
  const int64_t size = x.size(-1) / 2;
  const auto half = [&](int64_t begin) {
    return x.narrow(-1, begin, size).clone(at::MemoryFormat::Contiguous);
  };
  return {half(0), half(size)};
}

// Takes part i back: the stream that it added to becomes what it was, and the gradient of
// the one that it read takes in what came through it. Gives the parameters' gradients.
variable_list Undo(Pass& pass, size_t i, Streams& streams, Streams& gradients) {
  const ReversiblePart& part = pass.parts[i];
  const size_t target = Target(i);
  variable_list inputs = {streams[1 - target].detach().requires_grad_()};
  inputs.insert(inputs.end(), part.parameters.begin(), part.parameters.end());
  at::Tensor added;
  {
    const at::AutoGradMode with_gradients(true);
    const ReplayedRandomness replay(inputs[0], pass.kept[i].random_state);
    added = part.branch(inputs[0], pass.kept[i].values);
  }
  variable_list found = torch::autograd::grad({added}, inputs, {gradients[target]});
  streams[target].sub_(added.detach());
  gradients[1 - target].add_(found[0]);
  pass.kept[i] = {};
  return {found.begin() + 1, found.end()};
}

class Reversible : public torch::autograd::Function<Reversible> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            at::TensorList /*parameters*/, const c10::intrusive_ptr<Pass>& pass) {
    const at::Tensor output = RunForward(*pass, x);
    context->save_for_backward({output});
    context->saved_data["pass"] = at::IValue::make_capsule(pass);
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto holder = context->saved_data["pass"].toCapsule();
    auto& pass = static_cast<Pass&>(*holder);
    Streams streams = Halves(context->get_saved_variables()[0]);
    Streams flowing = Halves(gradients[0]);
    std::vector<variable_list> of_parts(pass.parts.size());
    for (size_t i = pass.parts.size(); i-- > 0;) {
      of_parts[i] = Undo(pass, i, streams, flowing);
    }
    variable_list all = {flowing[0].add_(flowing[1])};
    for (const variable_list& part : of_parts) {
      all.insert(all.end(), part.begin(), part.end());
    }
    all.emplace_back();  // of the pass
    return all;
  }
};

}  // namespace

at::Tensor RunReversible(std::vector<ReversiblePart> parts, const at::Tensor& x) {
  const auto pass = c10::make_intrusive<Pass>();
  pass->parts = std::move(parts);
  pass->kept.resize(pass->parts.size());
  if (!(ops::GradientsOn() && x.requires_grad())) {
    return RunForward(*pass, x);
  }
  std::vector<at::Tensor> parameters;
  for (const ReversiblePart& part : pass->parts) {
    parameters.insert(parameters.end(), part.parameters.begin(), part.parameters.end());
  }
  return Reversible::apply(x, at::TensorList(parameters), pass);
}

}  // namespace cusp::models
