// The Transformer for transduction of characters (Wu, Cotterell and Hulden, 2021): the one of
// Vaswani et al. (2017), small and with norms before each part. The skeleton is T5's.
#include <cmath>
#include <memory>
#include <string>

#include "worker/models/builders.h"
#include "worker/models/layers/feed_forward.h"
#include "worker/models/sequence/t5_model.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildTransduction(const Config& config,
                                                         const BuildOptions& build) {
  const FeedForwardOptions options = {.hidden_size = config.Int("d_model"),
                                      .intermediate_size = config.Int("d_ff"),
                                      .activation = ActivationOf(config.Text("dense_act_fn")),
                                      .dropout = build.training ? config.Real("dropout_rate") : 0,
                                      .linear = {}};
  const double deviation =
      config.Real("initializer_factor") / std::sqrt(static_cast<double>(options.hidden_size));
  return T5Model::Build(config, build,
                        {.make_feed_forward = [&](ParameterStore& store, const std::string& prefix,
                                                  int64_t, bool) -> T5FeedForward {
                           store.set_initializer_range(deviation);
                           return FeedForward(store, prefix + ".DenseReluDense", options);
                         },
                         .classic = true});
}

}  // namespace cusp::models
