#include "worker/measure/sweep_setup.h"

#include "common/status_macros.h"
#include "findings/plan_options.h"

namespace cusp::measure {
namespace {

const v1::VariantSpec& SpecOf(const v1::JobSpec& spec, size_t variant) {
  const auto baselines = static_cast<size_t>(spec.baselines_size());
  return variant < baselines ? spec.baselines(static_cast<int>(variant))
                             : spec.candidates(static_cast<int>(variant - baselines));
}

runner::v1::BuildRequest MakeBuild(const SweepTarget& target, size_t number,
                                   const catalog::ResolvedVariant& variant) {
  const v1::VariantSpec& spec = SpecOf(target.spec, number);
  runner::v1::BuildRequest build;
  build.set_variant(static_cast<int32_t>(number));
  build.set_config_json(variant.config_json);
  build.set_attention(variant.attention);
  build.set_dtype(catalog::ToText(target.dtype));
  build.set_mode(catalog::ToText(target.mode));
  build.set_seed(target.spec.seed());
  build.set_weights_path(spec.weights_path());
  build.set_weights_sha256(spec.weights_sha256());
  return build;
}

}  // namespace

size_t SweepSetup::IndexOf(const std::string& name) const {
  size_t i = 0;
  while (i < variants.size() && variants[i].name != name) {
    ++i;
  }
  return i;
}

absl::StatusOr<SweepSetup> MakeSweepSetup(SweepTarget target) {
  SweepSetup setup;
  CUSP_ASSIGN_OR_RETURN(setup.variants, catalog::ResolveVariants(target.spec));
  setup.pairs = findings::PairsOf(target.spec);
  for (size_t i = 0; i < setup.variants.size(); ++i) {
    setup.builds.push_back(MakeBuild(target, i, setup.variants[i]));
  }
  setup.start.set_device(target.device);
  setup.start.set_threads(target.spec.threads());
  setup.start.set_memory_limit_bytes(target.memory_limit_bytes);
  setup.target = std::move(target);
  return setup;
}

}  // namespace cusp::measure
