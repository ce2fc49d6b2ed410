#include "catalog/job_check.h"
#include "catalog/lengths.h"

namespace cusp::catalog {
namespace {

void ApplyVariantDefaults(v1::VariantSpec& variant) {
  if (variant.attention() == v1::ATTENTION_UNSPECIFIED) {
    variant.set_attention(v1::ATTENTION_EAGER);
  }
  if (variant.name().empty() && !variant.model().empty()) {
    const std::string attention = ToText(variant.attention());
    const bool plain = variant.attention() == v1::ATTENTION_EAGER || attention.empty();
    variant.set_name(plain ? variant.model() : variant.model() + "-" + attention);
  }
}

void ApplyLengthDefaults(v1::JobSpec& spec) {
  v1::LengthSpec& lengths = *spec.mutable_lengths();
  if (lengths.unit() == v1::LENGTH_UNIT_UNSPECIFIED) {
    const v1::LengthUnit unit = UnitOf(spec);
    lengths.set_unit(unit == v1::LENGTH_UNIT_UNSPECIFIED ? v1::LENGTH_UNIT_TOKENS : unit);
  }
  if (lengths.list_size() > 0) {
    if (lengths.min() == 0) {
      lengths.set_min(lengths.list(0));
    }
    if (lengths.max() == 0) {
      lengths.set_max(lengths.list(lengths.list_size() - 1));
    }
  }
}

}  // namespace

void ApplyDefaults(v1::JobSpec& spec) {
  for (v1::VariantSpec& variant : *spec.mutable_baselines()) {
    ApplyVariantDefaults(variant);
  }
  for (v1::VariantSpec& variant : *spec.mutable_candidates()) {
    ApplyVariantDefaults(variant);
  }
  ApplyLengthDefaults(spec);
  if (spec.name().empty()) {
    spec.set_name("job");
  }
  if (spec.preset().empty()) {
    spec.set_preset("small");
  }
  if (spec.modes().empty()) {
    spec.add_modes(v1::MODE_INFERENCE);
  }
  if (spec.metrics().empty()) {
    spec.add_metrics(v1::METRIC_LATENCY);
  }
  if (spec.dtypes().empty()) {
    spec.add_dtypes(v1::DTYPE_FLOAT32);
  }
  if (spec.batch_sizes().empty()) {
    spec.add_batch_sizes(1);
  }
  if (spec.device().empty()) {
    spec.set_device("auto");
  }
  if (spec.precision() == 0) {
    spec.set_precision(0.05);
  }
  if (!spec.has_budget()) {
    spec.mutable_budget()->set_seconds(600);
  }
}

}  // namespace cusp::catalog
