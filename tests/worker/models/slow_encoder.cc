#include "tests/worker/models/slow_encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

at::Tensor FindOr(const Inputs& inputs, const std::string& name, double value) {
  const auto found = inputs.find(name);
  return found == inputs.end()
             ? ops::Full(inputs.at("input_ids").sizes(), value, at::kLong, at::kCPU)
             : found->second;
}

}  // namespace

SlowTensors TensorsOf(const Model& model) {
  SlowTensors tensors;
  for (const auto& [name, tensor] : model.NamedTensors()) {
    tensors[name] = tensor;
  }
  return tensors;
}

SlowTensors Below(const SlowTensors& tensors, const std::string& prefix) {
  SlowTensors below;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) {
      below[name.substr(prefix.size())] = tensor;
    }
  }
  return below;
}

at::Tensor SlowLinear(const SlowTensors& tensors, const std::string& name, const at::Tensor& x) {
  if (tensors.contains(name + ".down.weight")) {
    return x.matmul(tensors.at(name + ".down.weight").t())
        .matmul(tensors.at(name + ".up.weight").t())
        .add(tensors.at(name + ".up.bias"));
  }
  const at::Tensor y = x.matmul(tensors.at(name + ".weight").t());
  return tensors.contains(name + ".bias") ? y.add(tensors.at(name + ".bias")) : y;
}

at::Tensor SlowNorm(const SlowTensors& tensors, const std::string& name, const at::Tensor& x) {
  const at::Tensor centred = x.sub(x.mean(-1, true));
  return centred.div(centred.square().mean(-1, true).add(1e-12).sqrt())
      .mul(tensors.at(name + ".weight"))
      .add(tensors.at(name + ".bias"));
}

at::Tensor SlowEmbedding(const SlowTensors& tensors, const Inputs& inputs) {
  const at::Tensor ids = inputs.at("input_ids");
  const at::Tensor sum =
      ops::Embedding(tensors.at("embeddings.word_embeddings.weight"), ids)
          .add(tensors.at("embeddings.position_embeddings.weight").narrow(0, 0, ids.size(1)))
          .add(ops::Embedding(tensors.at("embeddings.token_type_embeddings.weight"),
                              FindOr(inputs, "token_type_ids", 0)));
  return SlowNorm(tensors, "embeddings.LayerNorm", sum);
}

at::Tensor SlowEncoderLayer(const SlowTensors& tensors, const at::Tensor& x, const at::Tensor& keep,
                            int64_t heads, const SlowAttention& attention) {
  const at::Tensor mixed =
      MergeHeads(attention({x, keep, heads, Below(tensors, "attention.self.")}));
  const at::Tensor middle = SlowNorm(tensors, "attention.output.LayerNorm",
                                     x.add(SlowLinear(tensors, "attention.output.dense", mixed)));
  const at::Tensor inner = ops::Gelu(SlowLinear(tensors, "intermediate.dense", middle), false);
  return SlowNorm(tensors, "output.LayerNorm",
                  middle.add(SlowLinear(tensors, "output.dense", inner)));
}

at::Tensor SlowPreNormLayer(const SlowTensors& tensors, const at::Tensor& x,
                            const std::function<at::Tensor(const at::Tensor&)>& attend) {
  const at::Tensor mixed = attend(SlowNorm(tensors, "layernorm_before", x));
  const at::Tensor middle = x.add(SlowLinear(tensors, "attention.output.dense", mixed));
  const at::Tensor normed = SlowNorm(tensors, "layernorm_after", middle);
  const at::Tensor inner = ops::Gelu(SlowLinear(tensors, "intermediate.dense", normed), false);
  return middle.add(SlowLinear(tensors, "output.dense", inner));
}

at::Tensor KeepOf(const Inputs& inputs) { return FindOr(inputs, "attention_mask", 1).ne(0); }

at::Tensor SlowLayer::Linear(const std::string& name) const { return SlowLinear(tensors, name, x); }

at::Tensor SlowLayer::Heads(const std::string& name) const {
  return SplitHeads(Linear(name), heads);
}

at::Tensor SlowEncoder(const nlohmann::json& config, const Model& model, const Inputs& inputs,
                       const SlowAttention& attention) {
  const SlowTensors tensors = TensorsOf(model);
  const at::Tensor keep = KeepOf(inputs);
  at::Tensor x = SlowEmbedding(tensors, inputs);
  for (int64_t i = 0; i < config.at("num_hidden_layers").get<int64_t>(); ++i) {
    x = SlowEncoderLayer(Below(tensors, "encoder.layer." + std::to_string(i) + "."), x, keep,
                         config.at("num_attention_heads").get<int64_t>(), attention);
  }
  return x;
}

at::Tensor AttentionWhere(const SlowLayer& layer, const at::Tensor& allowed) {
  const at::Tensor q = layer.Heads("query");
  const at::Tensor seen = allowed.logical_and(layer.keep.unsqueeze(1)).unsqueeze(1);
  return q.matmul(layer.Heads("key").transpose(2, 3))
      .div(std::sqrt(static_cast<double>(q.size(3))))
      .masked_fill(seen.logical_not(), MaskValue(at::kDouble))
      .softmax(-1)
      .matmul(layer.Heads("value"));
}

at::Tensor PlainSlowAttention(const SlowLayer& layer) {
  const int64_t n = layer.x.size(1);
  return AttentionWhere(layer, ops::Full({n, n}, 1, at::kBool, at::kCPU));
}

void ExpectEqualsSlowly(const nlohmann::json& config, const std::vector<int64_t>& lengths,
                        const SlowAttention& attention, double tolerance) {
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  for (const int64_t length : lengths) {
    for (const bool masked : {false, true}) {
      SCOPED_TRACE(::testing::Message()
                   << config << ", length " << length << ", masked " << masked);
      Inputs inputs = TinyInputs(config.at("model_type"), length, static_cast<uint64_t>(length));
      if (!masked) {
        inputs.erase("attention_mask");
      }
      const at::Tensor mask = masked ? inputs.at("attention_mask") : at::Tensor();
      EXPECT_LT(ScaledDifference(Infer(*model, inputs),
                                 SlowEncoder(config, *model, inputs, attention), mask),
                tolerance);
    }
  }
}

}  // namespace cusp::models
