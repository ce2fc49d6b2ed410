// Funnel (Dai et al., 2020): blocks of layers over an ever shorter sequence, and a decoder that
// brings what they found back to every token.
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/block.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/position_waves.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/text/funnel_attention.h"
#include "worker/models/text/funnel_pooling.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {
namespace {

// token_type_ids: two segments, and the first token, which is of both.
constexpr int64_t kTokenTypes = 3;
constexpr int64_t kClsType = 2;

// What is added to the scores of masked keys. The reference's, since a query whose keys are
// all masked, as pooled padding can be, still tells them apart.
double Masked(at::ScalarType dtype) { return dtype == at::kHalf ? MaskValue(dtype) : -1e6; }

double HiddenDropout(const Config& config, const BuildOptions& build) {
  return build.training ? config.Real("hidden_dropout") : 0;
}

// Deviation of matrices from `in` to `out` features, and back.
double Deviation(const Config& config, int64_t in, int64_t out) {
  return config.values().at("initializer_std").is_null()
             ? std::sqrt(1 / static_cast<double>(in + out))
             : config.Real("initializer_std");
}

// Undefined where all tokens of each row are of one type, and no layer need compare them.
at::Tensor DistinctTypes(const at::Tensor& types) {
  const bool alike = !types.defined() || types.eq(types.narrow(1, 0, 1)).all().item<bool>();
  return alike ? at::Tensor() : types;
}

struct FunnelLayer {
  FunnelLayer(ParameterStore& store, const std::string& prefix, const FunnelAttentionOptions& mixer,
              const BlockOptions& options)
      : attention(store, prefix + ".attention", mixer), block(store, prefix, options) {}

  at::Tensor operator()(const at::Tensor& query, const at::Tensor& context,
                        const FunnelView& view) const {
    return block(query, [&](const at::Tensor& x) { return attention(x, context, view); });
  }

  FunnelAttention attention;
  Block block;
};

// Layers PREFIX.0, …, which may share the parameters of the layer `first`.
std::vector<FunnelLayer> MakeLayers(ParameterStore& store, const std::string& prefix,
                                    const std::string& first, int64_t count, const Config& config,
                                    const BuildOptions& build) {
  const auto in_training = [&](const char* key) { return build.training ? config.Real(key) : 0; };
  const int64_t size = config.Int("d_model");
  const FunnelAttentionOptions mixer = {.hidden_size = size,
                                        .heads = config.Int("n_head"),
                                        .head_size = config.Int("d_head"),
                                        .shift = config.Text("attention_type") == "relative_shift",
                                        .separate_cls = config.Flag("separate_cls"),
                                        .dropout = in_training("attention_dropout"),
                                        .initializer_range = config.Real("initializer_range")};
  const BlockOptions block = {.hidden_size = size,
                              .attention_size = mixer.heads * mixer.head_size,
                              .intermediate_size = config.Int("d_inner"),
                              .activation = ActivationOf(config.Text("hidden_act")),
                              .layer_norm_eps = config.Real("layer_norm_eps"),
                              .dropout = in_training("hidden_dropout"),
                              .activation_dropout = in_training("activation_dropout"),
                              .norm = NormPlace::kAfter,
                              .names = {.attention_output = "attention.post_proj",
                                        .attention_norm = "attention.layer_norm",
                                        .feed_forward_in = "ffn.linear_1",
                                        .feed_forward_out = "ffn.linear_2",
                                        .feed_forward_norm = "ffn.layer_norm"}};
  store.set_initializer_range(Deviation(config, size, block.attention_size));
  std::vector<FunnelLayer> layers;
  for (int64_t i = 0; i < count; ++i) {
    const std::string name = absl::StrCat(prefix, ".", i);
    store.ShareLayer(name, first);
    layers.emplace_back(store, name, mixer, block);
  }
  return layers;
}

class Funnel : public TokenModel {
 public:
  Funnel(const Config& config, const BuildOptions& build);

  at::Tensor Forward(const Inputs& inputs) override;
  std::string AttentionUsed() const override { return "eager"; }
  // Published without it, too: the output then is the last block's, and short.
  std::string OptionalPart() const override { return decoder_.empty() ? "" : "decoder"; }
  void LeaveOutOptionalPart() override;

 private:
  // The sequence after the first block, and after the last.
  struct Encoded {
    at::Tensor first;
    at::Tensor last;
  };
  Encoded Encode(const at::Tensor& words, const FunnelStage& stage);
  // `context` undefined: x.
  at::Tensor Run(const FunnelLayer& layer, const at::Tensor& x, const at::Tensor& context,
                 const FunnelView& view) const;
  FunnelView ViewOf(const FunnelStage& queries, const FunnelStage& keys);
  at::Tensor SameKind(const FunnelStage& queries, const FunnelStage& keys) const;
  at::Tensor Dropped(const at::Tensor& x) const {
    return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
  }

  FunnelPoolingOptions pooling_;
  bool shift_;
  bool pool_queries_only_;
  bool decodes_ = true;
  double dropout_;
  std::vector<int64_t> repeats_;
  int64_t first_block_;
  at::Tensor words_;
  LayerNorm word_norm_;
  std::vector<std::vector<FunnelLayer>> blocks_;
  std::vector<FunnelLayer> decoder_;
  PositionWaves position_waves_;
  LayerRunner run_;
};

Funnel::Funnel(const Config& config, const BuildOptions& build)
    : TokenModel(config.With({{"type_vocab_size", kTokenTypes}}), build, {.token_types = true}),
      pooling_({.mean = config.Text("pooling_type") == "mean",
                .separate_cls = config.Flag("separate_cls"),
                .truncate = config.Flag("truncate_seq")}),
      shift_(config.Text("attention_type") == "relative_shift"),
      pool_queries_only_(config.Flag("pool_q_only")),
      dropout_(HiddenDropout(config, build)),
      repeats_(config.Ints("block_repeats")),
      first_block_(config.Ints("block_sizes").front()),
      words_([&] {
        const bool by_size = config.values().at("initializer_std").is_null();
        store().set_initializer_range(by_size ? 1 : config.Real("initializer_std"));
        return store().Normal("embeddings.word_embeddings.weight",
                              {config.Int("vocab_size"), config.Int("d_model")},
                              config.OptionalInt("pad_token_id"));
      }()),
      word_norm_(store(), "embeddings.layer_norm", config.Int("d_model"),
                 config.Real("layer_norm_eps")),
      blocks_([&] {
        std::vector<std::vector<FunnelLayer>> blocks;
        for (const int64_t size : config.Ints("block_sizes")) {
          blocks.push_back(MakeLayers(store(), absl::StrCat("encoder.blocks.", blocks.size()),
                                      "encoder.blocks.0.0", size, config, build));
        }
        return blocks;
      }()),
      decoder_(MakeLayers(store(), "decoder.layers", "decoder.layers.0",
                          config.Int("num_decoder_layers"), config, build)),
      position_waves_(config.Int("d_model"), build.dtype, build.device),
      run_(store()) {}

void Funnel::LeaveOutOptionalPart() {
  decoder_.clear();
  decodes_ = false;
  store().Remove("decoder.");
}

at::Tensor Funnel::Forward(const Inputs& inputs) {
  Enter(Component::kEmbedding);
  const at::Tensor& ids = inputs.at("input_ids");
  const SequenceMask mask =
      MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), 0, build().dtype);
  const FunnelStage whole = {.length = ids.size(1),
                             .keep = mask.keep,
                             .types = DistinctTypes(FindInput(inputs, "token_type_ids"))};
  position_waves_.SetLength(ids.size(1));
  const at::Tensor words = ops::Embedding(words_, ids);
  Enter(Component::kNorm);
  const Encoded encoded = Encode(Dropped(word_norm_(words)), whole);
  if (!decodes_) {
    return encoded.last;
  }
  Enter(Component::kOther);
  const int64_t times = int64_t{1} << (blocks_.size() - 1);
  at::Tensor x = Upsample(encoded.last, times, ids.size(1), pooling_).add(encoded.first);
  const FunnelView view = ViewOf(whole, whole);
  for (const FunnelLayer& layer : decoder_) {
    x = Run(layer, x, {}, view);
  }
  return x;
}

Funnel::Encoded Funnel::Encode(const at::Tensor& words, const FunnelStage& stage) {
  FunnelStage now = stage;
  at::Tensor x = words;
  Encoded encoded;
  int64_t runs = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const FunnelStage before = now;
    const at::Tensor unpooled = x;
    if (i > 0 && CanPool(now.length, pooling_)) {
      Enter(Component::kOther);
      now = PoolStage(now, pooling_);
      x = PoolTokens(x, pooling_);
    }
    // The first layer of a block sees what came before the pooling.
    bool first = pool_queries_only_ && now.length < before.length;
    FunnelView view = ViewOf(now, first ? before : now);
    for (const FunnelLayer& layer : blocks_[i]) {
      for (int64_t repeat = 0; repeat < repeats_[i]; ++repeat) {
        x = Run(layer, x, first ? unpooled : at::Tensor(), view);
        if (first) {
          view = ViewOf(now, now);
          first = false;
        }
        // Counted in layers run, as the reference does, repeated or not.
        if (++runs == first_block_) {
          encoded.first = x;
        }
      }
    }
  }
  encoded.last = x;
  return encoded;
}

at::Tensor Funnel::Run(const FunnelLayer& layer, const at::Tensor& x, const at::Tensor& context,
                       const FunnelView& view) const {
  return run_({x, context}, [&layer, view](const std::vector<at::Tensor>& inputs) {
    const at::Tensor& query = inputs[0];
    return layer(query, inputs[1].defined() ? inputs[1] : query, view);
  });
}

FunnelView Funnel::ViewOf(const FunnelStage& queries, const FunnelStage& keys) {
  FunnelView view = {
      .queries = queries.length, .keys = keys.length, .step = queries.step / keys.step};
  if (shift_) {
    const int64_t farthest = queries.first - keys.first + queries.step * queries.length;
    view.waves =
        Dropped(position_waves_.At(farthest, -keys.step, view.step * queries.length + keys.length));
  } else {
    view.waves = Dropped(position_waves_.At(queries.first, queries.step, queries.length));
    view.key_waves = position_waves_.At(keys.first, keys.step, keys.length);
  }
  if (keys.keep.defined()) {
    view.additive = ops::Full(keys.keep.sizes(), 0, build().dtype, build().device)
                        .masked_fill_(keys.keep.logical_not(), Masked(build().dtype));
  }
  if (queries.types.defined()) {
    view.same_kind = SameKind(queries, keys);
  }
  return view;
}

at::Tensor Funnel::SameKind(const FunnelStage& queries, const FunnelStage& keys) const {
  const at::Tensor of_query = queries.types.unsqueeze(2);
  const at::Tensor of_key = keys.types.unsqueeze(1);
  const at::Tensor same =
      of_query.eq(of_key).logical_or_(of_query.eq(kClsType)).logical_or_(of_key.eq(kClsType));
  if (pooling_.separate_cls) {
    same.select(2, 0).fill_(false);
  }
  return same.to(build().dtype);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildFunnel(const Config& config,
                                                   const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "funnel"));
  return std::make_unique<Funnel>(config, build);
}

}  // namespace cusp::models
