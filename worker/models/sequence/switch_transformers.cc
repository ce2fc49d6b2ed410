// Switch Transformers (Fedus et al., 2022): T5 in whose sparse layers each token goes through
// one of many feed-forward parts.
#include "catalog/sequence/switch_transformers.h"

#include <cmath>
#include <memory>
#include <string>

#include "worker/models/builders.h"
#include "worker/models/layers/feed_forward.h"
#include "worker/models/layers/switch_feed_forward.h"
#include "worker/models/sequence/t5_model.h"

namespace cusp::models {
namespace {

at::ScalarType RouterType(const std::string& name) {
  if (name == "float16") {
    return at::kHalf;
  }
  return name == "bfloat16" ? at::kBFloat16 : at::kFloat;
}

SwitchFeedForwardOptions OptionsOf(const Config& config, const BuildOptions& build) {
  return {.expert = {.hidden_size = config.Int("d_model"),
                     .intermediate_size = config.Int("d_ff"),
                     .activation = ActivationOf(config.Text("dense_act_fn")),
                     .dropout = build.training ? config.Real("dropout_rate") : 0},
          .experts = config.Int("num_experts"),
          .router_bias = config.Flag("router_bias"),
          .router_dtype = RouterType(config.Text("router_dtype")),
          .router_deviation = config.Real("initializer_factor"),
          .jitter = build.training ? config.Real("router_jitter_noise") : 0};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildSwitchTransformers(const Config& config,
                                                               const BuildOptions& build) {
  const SwitchFeedForwardOptions options = OptionsOf(config, build);
  const double deviation = config.Real("initializer_factor") /
                           std::sqrt(static_cast<double>(options.expert.hidden_size));
  return T5Model::Build(config, build,
                        {[&](ParameterStore& store, const std::string& prefix, int64_t layer,
                             bool decoder) -> T5FeedForward {
                          const int64_t step =
                              config.Int(decoder ? "decoder_sparse_step" : "encoder_sparse_step");
                          store.set_initializer_range(deviation);
                          if (catalog::IsSparse(layer, step)) {
                            return SwitchFeedForward(store, prefix + ".mlp", options);
                          }
                          return FeedForward(store, prefix + ".mlp", options.expert);
                        }});
}

}  // namespace cusp::models
