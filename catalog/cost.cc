#include "catalog/cost.h"

namespace cusp::catalog {

std::string_view ToText(Component component) {
  switch (component) {
    case Component::kEmbedding:
      return "embedding";
    case Component::kFrontEnd:
      return "front_end";
    case Component::kProjection:
      return "projection";
    case Component::kMixing:
      return "mixing";
    case Component::kFeedForward:
      return "feed_forward";
    case Component::kNorm:
      return "norm";
    case Component::kOther:
      break;
  }
  return "other";
}

void CostTally::Add(Component component, double flops, double elements, Gradients gradients,
                    double products) {
  double times = 1;
  if (RunsBackward()) {
    times += gradients == Gradients::kBoth ? 2 : gradients == Gradients::kOne ? 1 : 0;
  }
  ComponentCost& part = parts_[static_cast<size_t>(component)];
  part.flops += times * flops;
  part.bytes += times * elements * static_cast<double>(work_.element_bytes);
  part.products += times * products;
}

void CostTally::Product(Component component, double count, double m, double k, double n,
                        Gradients gradients) {
  Add(component, count * 2 * m * k * n, count * (m * k + k * n + m * n), gradients);
}

void CostTally::Linear(Component component, double rows, double in, double out,
                       Gradients gradients) {
  Product(component, 1, rows, in, out, gradients);
}

void CostTally::Attention(double count, double queries, double keys, double head_size,
                          double value_size) {
  if (!work_.fused_attention) {
    Product(Component::kMixing, count, queries, head_size, keys);
    Product(Component::kMixing, count, queries, keys, value_size);
    return;
  }
  const double flops = count * 2 * queries * keys * (head_size + value_size);
  const double elements =
      count * (queries * head_size + keys * (head_size + value_size) + queries * value_size);
  // Backward: scores again, then the gradients of weights, values, queries, keys.
  const double again = RunsBackward() ? count * 2 * queries * keys * head_size : 0;
  Add(Component::kMixing, flops, elements, Gradients::kBoth);
  Add(Component::kMixing, again, 0, Gradients::kNone, 0);
}

void CostTally::Convolution(Component component, const ConvolutionShape& shape,
                            Gradients gradients) {
  const double weights = shape.out * shape.in / shape.groups * shape.taps;
  Add(component, 2 * shape.outputs * weights,
      shape.inputs * shape.in + shape.outputs * shape.out + weights, gradients);
}

void CostTally::Add(const CostTally& other, double times) {
  for (size_t i = 0; i < kComponents; ++i) {
    parts_[i].flops += times * other.parts_[i].flops;
    parts_[i].bytes += times * other.parts_[i].bytes;
    parts_[i].products += times * other.parts_[i].products;
  }
}

ComponentCost CostTally::Total() const {
  ComponentCost total;
  for (const ComponentCost& part : parts_) {
    total.flops += part.flops;
    total.bytes += part.bytes;
    total.products += part.products;
  }
  return total;
}

}  // namespace cusp::catalog
