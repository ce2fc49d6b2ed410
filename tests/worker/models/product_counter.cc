#include "tests/worker/models/product_counter.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cusp::models {
namespace {

struct Counts {
  std::mutex mutex;
  double flops = 0;
  double bytes = 0;
};

Counts& Total() {
  static auto* const counts = new Counts;
  return *counts;
}

// Products inside a counted operator (a convolution by products) are part of it.
thread_local int g_depth = 0;

double Elements(const at::Tensor& x) { return static_cast<double>(x.numel()); }

void Add(double flops, double elements, const at::Tensor& like) {
  Counts& total = Total();
  const std::lock_guard<std::mutex> lock(total.mutex);
  total.flops += flops;
  total.bytes += elements * static_cast<double>(like.element_size());
}

using Arguments = std::vector<c10::IValue>;

at::Tensor TensorAt(const Arguments& arguments, size_t i) { return arguments.at(i).toTensor(); }

// a [.., m, k] with b [.., k, n].
void CountProduct(const at::Tensor& a, const at::Tensor& b) {
  const double results =
      Elements(a) / static_cast<double>(a.size(-1)) * static_cast<double>(b.size(-1));
  Add(2 * results * static_cast<double>(a.size(-1)), Elements(a) + Elements(b) + results, a);
}

void CountConvolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& y) {
  const double taps = Elements(weight) / static_cast<double>(weight.size(0));
  Add(2 * Elements(y) * taps, Elements(x) + Elements(weight) + Elements(y), x);
}

// weight of a transposed convolution is [in, out / groups, taps].
bool IsTransposed(const Arguments& arguments, size_t at) { return arguments.at(at).toBool(); }

double AttentionFlops(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const double scores =
      Elements(q) / static_cast<double>(q.size(3)) * static_cast<double>(k.size(2));
  return 2 * scores * static_cast<double>(q.size(3) + v.size(3));
}

double AttentionElements(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  return Elements(q) + Elements(k) + Elements(v) +
         Elements(q) / static_cast<double>(q.size(3)) * static_cast<double>(v.size(3));
}

void CountFused(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  Add(AttentionFlops(q, k, v), AttentionElements(q, k, v), q);
}

// The scores once more, then two products for each of the forward's.
void CountFusedBackward(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const double scores = Elements(q) * static_cast<double>(k.size(2)) * 2;
  Add(2 * AttentionFlops(q, k, v) + scores, 2 * AttentionElements(q, k, v), q);
}

void CountConvolutionBackward(const Arguments& arguments) {
  const at::Tensor y = TensorAt(arguments, 0);
  const at::Tensor x = TensorAt(arguments, 1);
  const at::Tensor weight = TensorAt(arguments, 2);
  const auto mask = arguments.at(10).toBoolList();
  for (int i = 0; i < 2; ++i) {
    if (mask[static_cast<size_t>(i)]) {
      IsTransposed(arguments, 7) ? CountConvolution(y, weight, x) : CountConvolution(x, weight, y);
    }
  }
}

// Each of `rows` names a row of weight [N, d], which one of `tokens` is multiplied with.
void CountRows(const at::Tensor& weight, const at::Tensor& rows, const at::Tensor& tokens) {
  const auto features = static_cast<double>(weight.size(1));
  Add(2 * Elements(rows) * features, Elements(rows) * (features + 1) + Elements(tokens) * features,
      weight);
}

using Counter = void (*)(const Arguments& in, const Arguments& out);

const std::map<std::string, Counter>& Counters() {
  static const auto* const counters = new std::map<std::string, Counter>{
      {"aten::mm", [](const Arguments& in,
                      const Arguments&) { CountProduct(TensorAt(in, 0), TensorAt(in, 1)); }},
      {"aten::bmm", [](const Arguments& in,
                       const Arguments&) { CountProduct(TensorAt(in, 0), TensorAt(in, 1)); }},
      {"aten::addmm", [](const Arguments& in,
                         const Arguments&) { CountProduct(TensorAt(in, 1), TensorAt(in, 2)); }},
      {"aten::baddbmm", [](const Arguments& in,
                           const Arguments&) { CountProduct(TensorAt(in, 1), TensorAt(in, 2)); }},
      {"aten::baddbmm_", [](const Arguments& in,
                            const Arguments&) { CountProduct(TensorAt(in, 1), TensorAt(in, 2)); }},
      {"aten::convolution",
       [](const Arguments& in, const Arguments& out) {
         IsTransposed(in, 6) ? CountConvolution(TensorAt(out, 0), TensorAt(in, 1), TensorAt(in, 0))
                             : CountConvolution(TensorAt(in, 0), TensorAt(in, 1), TensorAt(out, 0));
       }},
      {"aten::convolution_backward",
       [](const Arguments& in, const Arguments&) { CountConvolutionBackward(in); }},
      {"aten::embedding_bag",
       [](const Arguments& in, const Arguments&) {
         CountRows(TensorAt(in, 0), TensorAt(in, 1), TensorAt(in, 2));
       }},
      {"aten::_embedding_bag_per_sample_weights_backward",
       [](const Arguments& in, const Arguments&) {
         CountRows(TensorAt(in, 1), TensorAt(in, 2), TensorAt(in, 3));
       }},
      {"aten::_scaled_dot_product_flash_attention_for_cpu",
       [](const Arguments& in, const Arguments&) {
         CountFused(TensorAt(in, 0), TensorAt(in, 1), TensorAt(in, 2));
       }},
      {"aten::_scaled_dot_product_flash_attention_for_cpu_backward",
       [](const Arguments& in, const Arguments&) {
         CountFusedBackward(TensorAt(in, 1), TensorAt(in, 2), TensorAt(in, 3));
       }},
  };
  return *counters;
}

// The operator spends its inputs, so they are kept from its beginning.
struct Counted : at::ObserverContext {
  Arguments inputs;
};

std::unique_ptr<at::ObserverContext> Begin(const at::RecordFunction& function) {
  if (!Counters().contains(function.name())) {
    return nullptr;
  }
  ++g_depth;
  auto counted = std::make_unique<Counted>();
  const auto inputs = function.inputs();
  counted->inputs.assign(inputs.begin(), inputs.end());
  return counted;
}

void End(const at::RecordFunction& function, at::ObserverContext* context) {
  if (context == nullptr) {
    return;
  }
  --g_depth;
  if (g_depth == 0) {
    Counters().at(function.name())(static_cast<Counted*>(context)->inputs, function.outputs());
  }
}

}  // namespace

ProductCounter::ProductCounter()
    : handle_(at::addGlobalCallback(at::RecordFunctionCallback(Begin, End)
                                        .needsInputs(true)
                                        .needsOutputs(true)
                                        .scopes({at::RecordScope::FUNCTION}))) {
  Total().flops = 0;
  Total().bytes = 0;
}

ProductCounter::~ProductCounter() { at::removeCallback(handle_); }

double ProductCounter::flops() const { return Total().flops; }

double ProductCounter::bytes() const { return Total().bytes; }

}  // namespace cusp::models
