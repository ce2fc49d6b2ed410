// T5 (Raffel et al., 2020), with a plain or a gated feed-forward part.
#include <cmath>
#include <memory>
#include <string>
#include <string_view>

#include "worker/models/builders.h"
#include "worker/models/layers/feed_forward.h"
#include "worker/models/layers/gated_feed_forward.h"
#include "worker/models/sequence/t5_model.h"

namespace cusp::models {
namespace {

constexpr std::string_view kGated = "gated-";

// The reference takes the original's gated-gelu for the tanh form.
Activation GatedActivation(const std::string& name) {
  return ActivationOf(name == "gelu" ? "gelu_new" : name);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildT5(const Config& config, const BuildOptions& build) {
  const std::string projection = config.Text("feed_forward_proj");
  const double dropout = build.training ? config.Real("dropout_rate") : 0;
  const int64_t size = config.Int("d_model");
  const int64_t inner = config.Int("d_ff");
  return T5Model::Build(
      config, build,
      {[&](ParameterStore& store, const std::string& prefix, int64_t, bool) -> T5FeedForward {
        const std::string name = prefix + ".DenseReluDense";
        store.set_initializer_range(config.Real("initializer_factor") /
                                    std::sqrt(static_cast<double>(size)));
        if (projection.starts_with(kGated)) {
          return GatedFeedForward(store, name,
                                  {.hidden_size = size,
                                   .intermediate_size = inner,
                                   .activation = GatedActivation(projection.substr(kGated.size())),
                                   .dropout = dropout,
                                   .gate = "wi_0",
                                   .up = "wi_1",
                                   .down = "wo"});
        }
        return FeedForward(store, name,
                           {.hidden_size = size,
                            .intermediate_size = inner,
                            .activation = ActivationOf(projection),
                            .dropout = dropout});
      }});
}

}  // namespace cusp::models
