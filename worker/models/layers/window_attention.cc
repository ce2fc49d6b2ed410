#include "worker/models/layers/window_attention.h"

#include <cmath>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// A bias for each offset, [offsets, h], to one for each two patches, [h, area, area].
at::Tensor ByPatches(const at::Tensor& by_offset, const at::Tensor& index, int64_t window) {
  const int64_t area = window * window;
  return by_offset.index_select(0, index).view({area, area, -1}).permute({2, 0, 1});
}

class TableWindowAttention : public WindowAttention {
 public:
  TableWindowAttention(ParameterStore& store, const std::string& prefix,
                       const AttentionShape& shape, int64_t window)
      : WindowAttention(store, prefix, shape, shape.linear.bias),
        window_(window),
        table_(store.Normal(prefix + ".relative_position_bias_table",
                            {(2 * window - 1) * (2 * window - 1), shape.heads})) {}

 private:
  at::Tensor Scores(const at::Tensor& q, const at::Tensor& k) const override {
    return ops::ScaledBmm(q, k.transpose(1, 2),
                          1 / std::sqrt(static_cast<double>(shape().head_size)));
  }

  at::Tensor Bias(int64_t window) override {
    if (indexed_ != window) {
      indexed_ = window;
      index_ = OffsetIndex(window, window_, table_.device());
    }
    return ByPatches(table_, index_, window);
  }

  int64_t window_;
  at::Tensor table_;
  int64_t indexed_ = 0;  // the window that index_ is for
  at::Tensor index_;
};

constexpr int64_t kBiasFeatures = 512;
constexpr double kSteepest = 100;  // of the scale

class CosineWindowAttention : public WindowAttention {
 public:
  CosineWindowAttention(ParameterStore& store, const std::string& prefix,
                        const AttentionShape& shape, int64_t window, int64_t pretrained)
      : WindowAttention(store, prefix, shape, /*key_bias=*/false),
        scale_(store.Constant(prefix + ".logit_scale", {shape.heads, 1, 1}, std::log(10.0))),
        in_(store, prefix + ".continuous_position_bias_mlp.0", 2, kBiasFeatures),
        out_(store, prefix + ".continuous_position_bias_mlp.2", kBiasFeatures, shape.heads,
             {.bias = false}),
        offsets_(LogOffsets(window, pretrained > 0 ? pretrained : window, store.options().dtype,
                            store.options().device)),
        index_(OffsetIndex(window, window, store.options().device)) {}

 private:
  static at::Tensor Unit(const at::Tensor& x) {
    return x.div(x.norm(2, at::IntArrayRef{-1}, /*keepdim=*/true).clamp_min(1e-12));
  }

  at::Tensor Scores(const at::Tensor& q, const at::Tensor& k) const override {
    const at::Tensor scale = scale_.clamp_max(std::log(kSteepest)).exp();
    const at::Tensor by_head = Unit(q).view({-1, shape().heads, q.size(1), q.size(2)});
    return by_head.mul(scale).view(q.sizes()).bmm(Unit(k).transpose(1, 2));
  }

  at::Tensor Bias(int64_t window) override {
    const at::Tensor by_offset = out_(in_(offsets_).relu_()).sigmoid().mul(16);
    return ByPatches(by_offset, index_, window);
  }

  // As the reference does.
  int MaskTimes() const override { return 2; }

  at::Tensor scale_;
  Linear in_;
  Linear out_;
  at::Tensor offsets_;
  at::Tensor index_;
};

}  // namespace

WindowAttention::WindowAttention(ParameterStore& store, const std::string& prefix,
                                 const AttentionShape& shape, bool key_bias)
    : shape_(shape),
      query_(store, prefix + ".query", shape.hidden_size, shape.inner_size(), shape.linear),
      key_(store, prefix + ".key", shape.hidden_size, shape.inner_size(), {.bias = key_bias}),
      value_(store, prefix + ".value", shape.hidden_size, shape.inner_size(), shape.linear) {}

at::Tensor WindowAttention::operator()(const at::Tensor& x, const WindowCut& cut,
                                       const at::Tensor& mask) {
  Enter(Component::kMixing);
  const at::Tensor windows = ToWindows(x, cut);
  Enter(Component::kProjection);
  const at::Tensor q = query_(windows);
  const at::Tensor k = key_(windows);
  const at::Tensor v = value_(windows);
  Enter(Component::kMixing);
  const int64_t area = cut.area();
  const auto by_head = [&](const at::Tensor& y) {
    return SplitHeads(y, shape_.heads).reshape({-1, area, shape_.head_size});
  };
  at::Tensor scores =
      Scores(by_head(q), by_head(k)).view({x.size(0), cut.windows(), shape_.heads, area, area});
  scores.add_(Bias(cut.window));
  if (mask.defined()) {
    scores.add_(mask.view({cut.windows(), 1, area, area}), MaskTimes());
  }
  at::Tensor weights = scores.softmax(-1);
  scores.reset();
  if (shape_.dropout > 0) {
    weights = ops::Dropout(weights, shape_.dropout);
  }
  const at::Tensor mixed = weights.view({-1, area, area}).bmm(by_head(v));
  return FromWindows(
      MergeHeads(mixed.view({windows.size(0), shape_.heads, area, shape_.head_size})), cut);
}

std::unique_ptr<WindowAttention> MakeTableWindowAttention(ParameterStore& store,
                                                          const std::string& prefix,
                                                          const AttentionShape& shape,
                                                          int64_t window) {
  return std::make_unique<TableWindowAttention>(store, prefix, shape, window);
}

std::unique_ptr<WindowAttention> MakeCosineWindowAttention(ParameterStore& store,
                                                           const std::string& prefix,
                                                           const AttentionShape& shape,
                                                           int64_t window, int64_t pretrained) {
  return std::make_unique<CosineWindowAttention>(store, prefix, shape, window, pretrained);
}

}  // namespace cusp::models
