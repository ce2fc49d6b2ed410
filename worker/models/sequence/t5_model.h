// Encoder and decoder of pre-norm layers with relative biases: T5's skeleton, which its
// relatives share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/relative_bias.h"
#include "worker/models/layers/sinusoids.h"
#include "worker/models/sequence/t5_layer.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {

// What differs between the families.
struct T5Family {
  MakeT5FeedForward make_feed_forward;
  // As Vaswani et al. (2017) had it: sinusoids added to scaled words in place of biases by
  // distance, scaled scores, biases in projections, LayerNorm.
  bool classic = false;
};

// Layers, and the bias by distance that all of them share. Registers PREFIX.block and
// PREFIX.final_layer_norm.
class T5Stack {
 public:
  T5Stack(ParameterStore& store, const std::string& prefix, int64_t layers,
          const T5Options& options, const MakeT5FeedForward& make_feed_forward);

  at::Tensor operator()(const at::Tensor& words, const T5Span& span, T5State* state);
  // Biases of `words` [B, n, d], which `before` others precede, and what is hidden from them:
  // what `padding` says (undefined: nothing), and to a decoder what comes later.
  T5Span SpanOf(const at::Tensor& words, int64_t before, const at::Tensor& padding) const;
  // Keys and values of the source for every layer. Decoder alone.
  void Read(const at::Tensor& source, T5State& state) const;

  std::string KernelUsed() const;

 private:
  T5Options options_;
  std::optional<RelativeBias> bias_;
  std::vector<T5Layer> layers_;
  T5Norm norm_;
  LayerRunner run_;
};

// Without decoder_input_ids the encoder alone runs and its output is returned. Decodes
// from a source that NewStateFor has read.
class T5Model : public TokenModel {
 public:
  // INVALID_ARGUMENT where the attention kernel cannot run.
  static absl::StatusOr<std::unique_ptr<Model>> Build(const Config& config,
                                                      const BuildOptions& build,
                                                      const T5Family& family);

  at::Tensor Forward(const Inputs& inputs) override;
  std::unique_ptr<DecodeState> NewStateFor(const Inputs& inputs) override;
  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override;
  std::string AttentionUsed() const override { return encoder_.KernelUsed(); }
  std::string OptionalPart() const override { return "decoder"; }
  void LeaveOutOptionalPart() override;

 private:
  T5Model(const Config& config, const BuildOptions& build, const T5Options& options,
          const T5Family& family);

  // Of tokens that `before` others precede.
  at::Tensor Words(const at::Tensor& ids, int64_t before);
  at::Tensor Encode(const Inputs& inputs, const SequenceMask& mask);

  double dropout_;
  at::Tensor words_;
  std::optional<Sinusoids> positions_;
  T5Stack encoder_;
  std::optional<T5Stack> decoder_;
};

}  // namespace cusp::models
