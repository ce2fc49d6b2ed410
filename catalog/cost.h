// Analytic cost of a model: its matrix products and convolutions, by component.
//
// Counted are multiply-adds as two operations, and bytes as every operand read
// and every result written once by each product: what the kernels do at least.
// Passes over single elements (norms, softmax, activations) and FFTs are not
// products; they show in measured times alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cusp::catalog {

// Parts of a model whose costs add up to the whole.
enum class Component {
  kEmbedding,
  kFrontEnd,    // patches, waveform convolutions
  kProjection,  // queries, keys, values, output of attention
  kMixing,      // attention itself, or what stands for it
  kFeedForward,
  kNorm,
  kOther,
};
inline constexpr size_t kComponents = 7;

// "embedding", "front_end", "projection", …
std::string_view ToText(Component component);

enum class Pass { kInference, kTraining };

// What is computed once.
struct Workload {
  int64_t length = 1;  // in the modality's unit, before padding
  int64_t batch_size = 1;
  Pass pass = Pass::kInference;
  // The fused kernels neither write nor read the scores.
  bool fused_attention = false;
  int64_t element_bytes = 4;
  bool forward_only = false;  // of a training step, without its backward pass
};

struct ComponentCost {
  double flops = 0;
  double bytes = 0;
  double products = 0;  // kernels that compute them; a batch of products is one
};

// Whether a product's two operands both have gradients in training.
enum class Gradients { kNone, kOne, kBoth };

// Adds up one step. Training adds to each product those of its backward pass:
// one for each operand that has a gradient.
class CostTally {
 public:
  explicit CostTally(const Workload& work) : work_(work) {}

  // `count` products of [m, k] with [k, n].
  void Product(Component component, double count, double m, double k, double n,
               Gradients gradients = Gradients::kBoth);
  // y = x W + b over `rows` rows.
  void Linear(Component component, double rows, double in, double out,
              Gradients gradients = Gradients::kBoth);
  // softmax(Q K^T) V for `count` heads: two products, or one fused kernel, whose
  // backward pass computes the scores once more.
  void Attention(double count, double queries, double keys, double head_size, double value_size);
  // A convolution with the weight [out, in / groups, taps] from `inputs` positions of
  // `in` channels to `outputs` positions of `out` channels; positions count the batch.
  struct ConvolutionShape {
    double inputs, in, outputs, out, groups, taps;
  };
  void Convolution(Component component, const ConvolutionShape& shape,
                   Gradients gradients = Gradients::kBoth);

  const Workload& work() const { return work_; }
  double batch() const { return static_cast<double>(work_.batch_size); }

  const ComponentCost& operator[](Component component) const {
    return parts_[static_cast<size_t>(component)];
  }
  ComponentCost Total() const;

  // Adds what another tally has, `times` over.
  void Add(const CostTally& other, double times);

 private:
  void Add(Component component, double flops, double elements, Gradients gradients,
           double products = 1);
  bool RunsBackward() const { return work_.pass == Pass::kTraining && !work_.forward_only; }

  Workload work_;
  std::array<ComponentCost, kComponents> parts_{};
};

}  // namespace cusp::catalog
