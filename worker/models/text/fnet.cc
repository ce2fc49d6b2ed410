// FNet (Lee-Thorp et al., 2022): tokens are mixed by the real part of a Fourier
// transform over positions and features, without any parameter.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/fourier.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

class FourierMixing : public SelfAttention {
 public:
  at::Tensor Forward(const at::Tensor& x, const SequenceMask& /*mask*/) override {
    Enter(Component::kMixing);
    return RealFourier2d(x);
  }
  std::string KernelUsed() const override { return ""; }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildFnet(const Config& given, const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "fnet"));
  const Config config = given.With({{"is_decoder", false}});
  EncoderVariant variant;
  variant.make_attention = [](ParameterStore&, const std::string&, int64_t) {
    return std::make_unique<FourierMixing>();
  };
  variant.takes_mask = false;
  variant.embedding_projection = "embeddings.projection";
  variant.layer_names.attention_output = "";
  variant.layer_names.attention_norm = "fourier.output.LayerNorm";
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
