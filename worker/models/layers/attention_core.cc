#include "worker/models/layers/attention_core.h"

#include <ATen/Context.h>
#include <ATen/SDPBackend.h>
#include <ATen/ops/_fused_sdp_choice.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

struct BackendName {
  const char* name;
  AttentionBackend backend;
};

constexpr BackendName kBackends[] = {
    {"eager", AttentionBackend::kEager},         {"sdpa", AttentionBackend::kSdpa},
    {"math", AttentionBackend::kMath},           {"flash", AttentionBackend::kFlash},
    {"efficient", AttentionBackend::kEfficient}, {"cudnn", AttentionBackend::kCudnn},
};

const char* NameOf(AttentionBackend backend) {
  for (const BackendName& row : kBackends) {
    if (row.backend == backend) {
      return row.name;
    }
  }
  return "";
}

const char* NameOf(at::SDPBackend kernel) {
  switch (kernel) {
    case at::SDPBackend::math:
      return "math";
    case at::SDPBackend::flash_attention:
      return "flash";
    case at::SDPBackend::efficient_attention:
      return "efficient";
    case at::SDPBackend::cudnn_attention:
      return "cudnn";
    case at::SDPBackend::overrideable:
      return "overrideable";
    case at::SDPBackend::error:
      break;
  }
  return "none";
}

// Allows only the kernel that `backend` names, until destroyed.
class KernelScope {
 public:
  explicit KernelScope(AttentionBackend backend) : context_(at::globalContext()) {
    flash_ = context_.userEnabledFlashSDP();
    efficient_ = context_.userEnabledMemEfficientSDP();
    math_ = context_.userEnabledMathSDP();
    cudnn_ = context_.userEnabledCuDNNSDP();
    if (backend != AttentionBackend::kSdpa) {
      Set(backend == AttentionBackend::kFlash, backend == AttentionBackend::kEfficient,
          backend == AttentionBackend::kMath, backend == AttentionBackend::kCudnn);
    }
  }
  KernelScope(const KernelScope&) = delete;
  KernelScope& operator=(const KernelScope&) = delete;
  ~KernelScope() { Set(flash_, efficient_, math_, cudnn_); }

 private:
  void Set(bool flash, bool efficient, bool math, bool cudnn) {
    context_.setSDPUseFlash(flash);
    context_.setSDPUseMemEfficient(efficient);
    context_.setSDPUseMath(math);
    context_.setSDPUseCuDNN(cudnn);
  }

  at::Context& context_;
  bool flash_ = false;
  bool efficient_ = false;
  bool math_ = false;
  bool cudnn_ = false;
};

// Keeps warnings: LibTorch tells only there why a kernel cannot run.
class WarningCollector : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override { messages_.push_back(warning.msg()); }
  std::string Joined() const { return absl::StrJoin(messages_, " "); }

 private:
  std::vector<std::string> messages_;
};

std::optional<at::Tensor> AsOptional(const at::Tensor& x) {
  return x.defined() ? std::optional<at::Tensor>(x) : std::nullopt;
}

bool IsGrouped(const at::Tensor& q, const at::Tensor& k) { return q.size(1) != k.size(1); }

at::SDPBackend Choose(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                      const at::Tensor& additive, double dropout, bool causal) {
  return static_cast<at::SDPBackend>(
      at::_fused_sdp_choice(q, k, v, AsOptional(additive), dropout, causal,
                            /*scale=*/std::nullopt, /*enable_gqa=*/IsGrouped(q, k)));
}

// x [B, g, n, d], each head repeated to make `heads` of them.
at::Tensor RepeatHeads(const at::Tensor& x, int64_t heads) {
  const int64_t times = heads / x.size(1);
  return x.unsqueeze(2)
      .expand({x.size(0), x.size(1), times, x.size(2), x.size(3)})
      .reshape({x.size(0), heads, x.size(2), x.size(3)});
}

// Both masks in one, or what there is of them.
at::Tensor WithCausalMask(const at::Tensor& additive, const at::Tensor& q, const at::Tensor& k) {
  const at::Tensor causal = CausalMask(q.size(2), k.size(2), q.scalar_type(), q.device());
  return additive.defined() ? additive.add(causal) : causal.view({1, 1, q.size(2), k.size(2)});
}

}  // namespace

absl::StatusOr<AttentionBackend> AttentionBackendByName(const std::string& name) {
  std::vector<std::string> names;
  for (const BackendName& row : kBackends) {
    if (name == row.name) {
      return row.backend;
    }
    names.emplace_back(row.name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("attention: unknown backend '", name, "'; known: ", absl::StrJoin(names, ", ")));
}

absl::Status CheckAttentionBackend(AttentionBackend backend, int64_t heads, int64_t head_size,
                                   at::ScalarType dtype, at::Device device, bool training) {
  if (backend == AttentionBackend::kEager || backend == AttentionBackend::kSdpa ||
      backend == AttentionBackend::kMath) {
    return absl::OkStatus();
  }
  const std::string context = absl::StrCat("attention: '", NameOf(backend), "' cannot run here: ");
  if (device.is_cpu() && backend != AttentionBackend::kFlash) {
    return absl::InvalidArgumentError(
        absl::StrCat(context, "the CPU has the kernels math and flash only"));
  }
  WarningCollector warnings;
  const c10::WarningUtils::WarningHandlerGuard guard(&warnings);
  const KernelScope scope(backend);
  try {
    const at::Tensor probe = ops::Full({1, heads, 16, head_size}, 0, dtype, device);
    probe.requires_grad_(training);
    const at::SDPBackend chosen = Choose(probe, probe, probe, {}, 0, false);
    if (std::string(NameOf(chosen)) == NameOf(backend)) {
      return absl::OkStatus();
    }
  } catch (const c10::Error& error) {
    return absl::InvalidArgumentError(context + error.what_without_backtrace());
  }
  const std::string reason = warnings.Joined();
  return absl::InvalidArgumentError(absl::StrCat(
      context, reason.empty() ? absl::StrCat("LibTorch has no such kernel for ", heads,
                                             " heads of size ", head_size, " in ", toString(dtype))
                              : reason));
}

AttentionCore::AttentionCore(AttentionBackend backend, double dropout, std::optional<double> scale)
    : backend_(backend), dropout_(dropout), scale_(scale) {}

at::Tensor AttentionCore::operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                     const at::Tensor& additive, bool causal) {
  // The last token sees all: nothing to hide.
  const bool hides = causal && q.size(2) > 1;
  if (backend_ == AttentionBackend::kEager) {
    kernel_ = "eager";
    return Eager(q, k, v, hides ? WithCausalMask(additive, q, k) : additive);
  }
  // The kernels know the mask of equally many queries and keys, and no second one.
  if (hides && (additive.defined() || q.size(2) != k.size(2))) {
    return Fused(q, k, v, WithCausalMask(additive, q, k), false);
  }
  return Fused(q, k, v, additive, hides);
}

at::Tensor AttentionCore::Eager(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                const at::Tensor& additive) const {
  const int64_t batch = q.size(0);
  const int64_t heads = q.size(1);
  const int64_t groups = k.size(1);
  const auto flat = [&](const at::Tensor& x) { return x.reshape({batch * groups, -1, x.size(3)}); };
  // Query heads that share keys are so many more rows of one product.
  at::Tensor scores =
      ops::ScaledBmm(flat(q), flat(k).transpose(1, 2),
                     scale_.value_or(1 / std::sqrt(static_cast<double>(q.size(3)))));
  if (additive.defined()) {
    scores.view({batch, heads, q.size(2), k.size(2)}).add_(additive);
  }
  const at::Tensor weights = SoftmaxWeights(scores, dropout_);
  scores.reset();
  return MergeHeads(weights.bmm(flat(v)).view({batch, heads, q.size(2), v.size(3)}));
}

at::Tensor AttentionCore::Fused(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                const at::Tensor& additive, bool causal) {
  const KernelScope scope(backend_);
  if (q.sizes() != kernel_sizes_) {
    kernel_sizes_ = q.sizes().vec();
    at::SDPBackend kernel = Choose(q, k, v, additive, dropout_, causal);
    repeats_keys_ = IsGrouped(q, k) && backend_ != AttentionBackend::kMath &&
                    (kernel == at::SDPBackend::math || kernel == at::SDPBackend::error);
    if (repeats_keys_) {
      kernel = Choose(q, RepeatHeads(k, q.size(1)), RepeatHeads(v, q.size(1)), additive, dropout_,
                      causal);
    }
    kernel_ = NameOf(kernel);
  }
  const bool grouped = IsGrouped(q, k) && !repeats_keys_;
  return MergeHeads(
      at::scaled_dot_product_attention(q, repeats_keys_ ? RepeatHeads(k, q.size(1)) : k,
                                       repeats_keys_ ? RepeatHeads(v, q.size(1)) : v,
                                       AsOptional(additive), dropout_, causal, scale_, grouped));
}

at::Tensor SoftmaxWeights(const at::Tensor& scores, double dropout) {
  const at::Tensor weights = scores.softmax(-1);
  return dropout > 0 ? ops::Dropout(weights, dropout) : weights;
}

at::Tensor CausalMask(int64_t queries, int64_t keys, at::ScalarType dtype, at::Device device) {
  return ops::Full({queries, keys}, MaskValue(dtype), dtype, device).triu_(keys - queries + 1);
}

at::Tensor SplitHeads(const at::Tensor& x, int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

at::Tensor MergeHeads(const at::Tensor& x) {
  return x.transpose(1, 2).reshape({x.size(0), x.size(2), x.size(1) * x.size(3)});
}

}  // namespace cusp::models
