#include "worker/models/layers/activation.h"

#include "absl/strings/str_join.h"
#include "common/check.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

struct Name {
  const char* name;
  Activation activation;
};

// gelu_new, gelu_fast, gelu_accurate and gelu_pytorch_tanh are one formula
// (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, section 2) and
// differ in rounding alone.
constexpr Name kNames[] = {
    {"gelu", Activation::kGelu},
    {"gelu_10", Activation::kGeluClipped},
    {"gelu_accurate", Activation::kGeluTanh},
    {"gelu_fast", Activation::kGeluTanh},
    {"gelu_new", Activation::kGeluTanh},
    {"gelu_python", Activation::kGelu},
    {"gelu_python_tanh", Activation::kGeluTanh},
    {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"hardswish", Activation::kHardSwish},
    {"leaky_relu", Activation::kLeakyRelu},
    {"linear", Activation::kLinear},
    {"mish", Activation::kMish},
    {"quick_gelu", Activation::kQuickGelu},
    {"relu", Activation::kRelu},
    {"relu2", Activation::kReluSquared},
    {"relu6", Activation::kRelu6},
    {"sigmoid", Activation::kSigmoid},
    {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
    {"tanh", Activation::kTanh},
};

}  // namespace

std::vector<std::string> ActivationNames() {
  std::vector<std::string> names;
  for (const Name& row : kNames) {
    names.emplace_back(row.name);
  }
  return names;
}

absl::StatusOr<Activation> ActivationByName(std::string_view name) {
  for (const Name& row : kNames) {
    if (name == row.name) {
      return row.activation;
    }
  }
  return absl::InvalidArgumentError("unknown activation '" + std::string(name) +
                                    "'; known: " + absl::StrJoin(ActivationNames(), ", "));
}

Activation ActivationOf(std::string_view name) {
  const auto activation = ActivationByName(name);
  CUSP_CHECK(activation.ok());
  return *activation;
}

at::Tensor Activate(Activation activation, at::Tensor x) {
  const bool in_place = !(ops::GradientsOn() && x.requires_grad());
  switch (activation) {
    case Activation::kGelu:
    case Activation::kGeluTanh: {
      const bool tanh = activation == Activation::kGeluTanh;
      if (in_place) {
        ops::GeluInPlace(x, tanh);
        return x;
      }
      return ops::Gelu(x, tanh);
    }
    case Activation::kGeluClipped:
      return ops::Gelu(x, false).clamp(-10, 10);
    case Activation::kHardSwish:
      return ops::HardSwish(x);
    case Activation::kLeakyRelu:
      return ops::LeakyRelu(x);
    case Activation::kLinear:
      return x;
    case Activation::kMish:
      return ops::Mish(x);
    case Activation::kQuickGelu:
      return x.mul(x.mul(1.702).sigmoid_());
    case Activation::kRelu:
      // Its gradient needs the output alone, so in place is always right.
      return x.relu_();
    case Activation::kRelu6:
      return ops::Relu6(x);
    case Activation::kReluSquared:
      return x.relu_().square();
    case Activation::kSigmoid:
      return in_place ? x.sigmoid_() : x.sigmoid();
    case Activation::kSilu:
      if (in_place) {
        ops::SiluInPlace(x);
        return x;
      }
      return ops::Silu(x);
    case Activation::kTanh:
      return in_place ? x.tanh_() : x.tanh();
  }
  return x;
}

}  // namespace cusp::models
