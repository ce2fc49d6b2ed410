#include "tests/worker/models/tiny_models.h"

#include <c10/core/Allocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "catalog/catalog.h"
#include "catalog/config_keys.h"
#include "worker/models/config.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

class AllocationCounter : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* /*ptr*/, int64_t alloc_size, size_t /*total_allocated*/,
                         size_t /*total_reserved*/, c10::Device /*device*/) override {
    bytes_ += std::max<int64_t>(alloc_size, 0);
    kept_ += alloc_size;
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t bytes() const { return bytes_; }
  int64_t kept() const { return kept_; }

 private:
  int64_t bytes_ = 0;
  int64_t kept_ = 0;
};

void Rename(nlohmann::json& config, const std::map<std::string, std::string>& names) {
  for (const auto& [from, to] : names) {
    config[to] = config.at(from);
    config.erase(from);
  }
}

catalog::Modality ModalityOf(const std::string& model_type) {
  return catalog::FindModel(model_type)->modality;
}

bool ReadsSource(const std::string& model_type) {
  return catalog::FindKey(*catalog::FindModel(model_type), "is_encoder_decoder") != nullptr;
}

// Of T5's skeleton.
nlohmann::json TinyEncoderDecoder(const std::string& model_type) {
  nlohmann::json config = {{"model_type", model_type},
                           {"vocab_size", 37},
                           {"d_model", 16},
                           {"d_kv", 6},
                           {"d_ff", 20},
                           {"num_layers", 2},
                           {"num_decoder_layers", 2},
                           {"num_heads", 2}};
  if (model_type != "transduction") {
    config["relative_attention_num_buckets"] = 8;
    config["relative_attention_max_distance"] = 20;
  }
  if (model_type == "t5") {
    config["feed_forward_proj"] = "gated-gelu";
  } else if (model_type == "switch_transformers") {
    config["num_experts"] = 3;
    config["num_sparse_encoder_layers"] = 1;
    config["num_sparse_decoder_layers"] = 2;
    config["router_bias"] = true;
  }
  return config;
}

nlohmann::json TinyText(const std::string& model_type) {
  if (model_type == "mamba2") {
    return {{"model_type", model_type},
            {"vocab_size", 37},
            {"hidden_size", 16},
            {"num_hidden_layers", 2},
            {"num_heads", 4},
            {"head_dim", 8},
            {"n_groups", 2},
            {"state_size", 6},
            {"chunk_size", 5},
            {"use_bias", true},
            {"initializer_range", 0.25}};
  }
  if (ReadsSource(model_type)) {
    return TinyEncoderDecoder(model_type);
  }
  if (model_type == "reformer") {
    return {{"model_type", model_type},
            {"vocab_size", 37},
            {"hidden_size", 8},
            {"attn_layers", {"local", "lsh", "local"}},
            {"num_attention_heads", 2},
            {"attention_head_size", 6},
            {"feed_forward_size", 20},
            {"max_position_embeddings", 64},
            {"lsh_attn_chunk_length", 4},
            {"local_attn_chunk_length", 8},
            {"num_hashes", 2},
            {"initializer_range", 0.25}};
  }
  if (model_type == "funnel") {
    return {{"model_type", model_type},
            {"vocab_size", 37},
            {"block_sizes", {1, 2}},
            {"num_decoder_layers", 1},
            {"d_model", 16},
            {"n_head", 2},
            {"d_head", 6},
            {"d_inner", 20},
            {"initializer_range", 0.25},
            {"initializer_std", 0.25}};
  }
  nlohmann::json config = {
      {"model_type", model_type},      {"vocab_size", 37},         {"hidden_size", 16},
      {"num_hidden_layers", 2},        {"num_attention_heads", 2}, {"intermediate_size", 20},
      {"max_position_embeddings", 64}, {"initializer_range", 0.25}};
  if (model_type == "longformer") {
    config["attention_window"] = {8, 4};
  } else if (model_type == "nystromformer") {
    config["num_landmarks"] = 4;
    config["segment_means_seq_len"] = kTinyLength;
    config["conv_kernel_size"] = 5;
  } else if (model_type == "linformer") {
    config["linformer_k"] = 6;
  } else if (model_type == "local") {
    config["block_size"] = 5;
  } else if (model_type == "big_bird") {
    config["block_size"] = 2;
    config["num_random_blocks"] = 1;
  } else if (model_type == "modernbert") {
    config["local_attention"] = 10;
    config["attention_bias"] = true;
    config["mlp_bias"] = true;
    config["norm_bias"] = true;
  } else if (model_type == "performer") {
    config["num_features"] = 11;
  } else if (model_type == "linear_transformer" || model_type == "retnet") {
    config["chunk_size"] = 7;
  } else if (model_type == "lrt") {
    config["rank"] = 5;
  } else if (model_type == "cascade") {
    config["exit_layers"] = {1};
    config["drop_fraction"] = 0.5;
  } else if (model_type == "sparse_transformer") {
    config["block_size"] = 5;
    config["summary_size"] = 2;
  } else if (model_type == "sinkhorn") {
    config["block_size"] = 5;
    config["temperature"] = 0.75;
    config["sinkhorn_iterations"] = 7;
  } else if (model_type == "gla") {
    config["chunk_size"] = 7;
    config["gate_rank"] = 3;
  } else if (model_type == "memsizer") {
    config["chunk_size"] = 7;
    config["slots"] = 6;
  } else if (model_type == "distilbert") {
    Rename(config, {{"hidden_size", "dim"},
                    {"num_hidden_layers", "n_layers"},
                    {"num_attention_heads", "n_heads"},
                    {"intermediate_size", "hidden_dim"}});
  } else if (model_type == "albert") {
    config["embedding_size"] = 6;
    config["num_hidden_layers"] = 3;
    config["num_hidden_groups"] = 2;
    config["inner_group_num"] = 2;
  } else if (model_type == "fnet") {
    config.erase("num_attention_heads");
  } else if (model_type == "llama") {
    config["num_key_value_heads"] = 1;
    config["attention_bias"] = true;
    config["mlp_bias"] = true;
  } else if (model_type == "block_recurrent") {
    config.erase("max_position_embeddings");
    config.update({{"hidden_act", "gelu"},  // finite differences meet no kink
                   {"num_hidden_layers", 3},
                   {"window", 9},
                   {"state_vectors", 5},
                   {"recurrent_layer", 1},
                   {"relative_attention_num_buckets", 8},
                   {"relative_attention_max_distance", 20}});
  } else if (model_type == "hourglass") {
    config.erase("num_hidden_layers");
    config.update({{"pre_layers", 1},
                   {"shortened_layers", 2},
                   {"post_layers", 1},
                   {"shorten_factor", 3},
                   {"resampling", "attention"}});
  } else if (model_type == "moeut") {
    config.erase("intermediate_size");
    config.update({{"num_hidden_layers", 4},
                   {"group_size", 2},
                   {"head_dim", 6},
                   {"n_experts", 5},
                   {"expert_size", 4},
                   {"top_k", 2},
                   {"att_experts", 3},
                   {"att_k", 2}});
  } else if (model_type == "scaling_transformer") {
    // A choice has no slope, so training weighs the units instead.
    config.update(
        {{"ff_sparsity", 5}, {"controller_rank", 3}, {"qkv_sparsity", 4}, {"quant_prob", 0.0}});
  } else if (model_type == "mistral") {
    config["num_key_value_heads"] = 1;
    config["sliding_window"] = 9;
  }
  return config;
}

nlohmann::json TinySpeech(const std::string& model_type) {
  nlohmann::json config = {{"model_type", model_type},     {"hidden_size", 16},
                           {"num_hidden_layers", 2},       {"num_attention_heads", 2},
                           {"intermediate_size", 20},      {"conv_dim", {6, 6, 6, 6, 6, 6, 5}},
                           {"num_conv_pos_embeddings", 6}, {"num_conv_pos_embedding_groups", 4},
                           {"initializer_range", 0.25}};
  if (model_type == "l_hubert") {
    config["attention_window"] = 8;
  }
  return config;
}

nlohmann::json TinyVision(const std::string& model_type) {
  nlohmann::json config = {{"model_type", model_type},
                           {"image_size", 32},
                           {"patch_size", 4},
                           {"initializer_range", 0.25}};
  if (model_type == "vit") {
    config.update({{"hidden_size", 16},
                   {"num_hidden_layers", 2},
                   {"num_attention_heads", 2},
                   {"intermediate_size", 20}});
  } else {
    config.update(
        {{"embed_dim", 8}, {"depths", {2, 2}}, {"num_heads", {2, 2}}, {"window_size", 3}});
  }
  if (model_type == "ssformer") {
    config["decoder_hidden_size"] = 16;
  }
  return config;
}

Inputs TinyTokens(const std::string& model_type, int64_t length, uint64_t seed) {
  at::Tensor ids = ops::Empty({2, length}, at::kLong, at::kCPU);
  ids.random_(2, 37, ops::CpuGenerator(seed));
  at::Tensor mask = ops::Full({2, length}, 1, at::kLong, at::kCPU);
  mask.select(0, 1).narrow(0, length - length / 3, length / 3).zero_();
  Inputs inputs = {{"input_ids", ids}};
  if (ReadsSource(model_type)) {
    at::Tensor target = ops::Empty({2, length}, at::kLong, at::kCPU);
    inputs["decoder_input_ids"] = target.random_(2, 37, ops::CpuGenerator(seed + 1000));
  }
  if (model_type != "fnet") {
    inputs["attention_mask"] = mask;
  }
  if (model_type == "longformer") {
    at::Tensor global = ops::Full({2, length}, 0, at::kLong, at::kCPU);
    global.select(0, 0).narrow(0, 0, 1).fill_(1);
    global.select(0, 0).narrow(0, length / 2, 1).fill_(1);
    global.select(0, 1).narrow(0, 3, 1).fill_(1);
    inputs["global_attention_mask"] = global;
  }
  return inputs;
}

}  // namespace

nlohmann::json TinyConfig(const std::string& model_type) {
  switch (ModalityOf(model_type)) {
    case catalog::Modality::kText:
      return TinyText(model_type);
    case catalog::Modality::kSpeech:
      return TinySpeech(model_type);
    case catalog::Modality::kVision:
      break;
  }
  return TinyVision(model_type);
}

int64_t TinyLength(const std::string& model_type) {
  switch (ModalityOf(model_type)) {
    case catalog::Modality::kText:
      return kTinyLength;
    case catalog::Modality::kSpeech:
      return 400 + 320 * (kTinyLength - 1);
    case catalog::Modality::kVision:
      break;
  }
  return 24;
}

std::vector<int64_t> OddLengths(const std::string& model_type) {
  switch (ModalityOf(model_type)) {
    case catalog::Modality::kText:
      return {19, 62};
    case catalog::Modality::kSpeech:
      return {5'003, 20'011};
    case catalog::Modality::kVision:
      break;
  }
  return {19, 62};
}

std::vector<int64_t> GrowingLengths(const std::string& model_type) {
  switch (ModalityOf(model_type)) {
    case catalog::Modality::kText:
      return {1024, 2048, 4096};
    case catalog::Modality::kSpeech:
      return {1024 * 320, 2048 * 320, 4096 * 320};
    case catalog::Modality::kVision:
      break;
  }
  return {64, 128, 256};
}

nlohmann::json LongConfig(const std::string& model_type) {
  nlohmann::json config = TinyConfig(model_type);
  if (catalog::FindKey(*catalog::FindModel(model_type), "max_position_embeddings") != nullptr) {
    config["max_position_embeddings"] = 4100;
  }
  if (model_type == "sinkhorn") {
    // Between so few blocks there is little to sort.
    config["block_size"] = 256;
  } else if (model_type == "sparse_transformer") {
    config["block_size"] = nullptr;
  } else if (model_type == "reformer") {
    // Their number would grow with the root of the length, at such small chunks.
    config["num_buckets"] = 32;
  }
  return config;
}

std::pair<double, double> PromisedGrowth(const std::string& model_type, double steps) {
  if (catalog::FindModel(model_type)->cost_order.starts_with("O(n^2")) {
    return {0.875 * steps * steps, 1.05 * steps * steps};
  }
  if (model_type == "sparse_transformer") {
    // n times its root.
    return {1.05 * steps, 1.475 * steps};
  }
  return {0, 1.05 * steps};
}

std::unique_ptr<Model> MustBuild(const nlohmann::json& config, const BuildOptions& build) {
  absl::StatusOr<std::unique_ptr<Model>> model = BuildModel(config.dump(), build);
  if (!model.ok()) {
    std::fprintf(stderr, "%s\n", model.status().ToString().c_str());
    std::abort();
  }
  return *std::move(model);
}

Inputs TinyInputs(const std::string& model_type, int64_t length, uint64_t seed) {
  switch (ModalityOf(model_type)) {
    case catalog::Modality::kText:
      return TinyTokens(model_type, length, seed);
    case catalog::Modality::kSpeech: {
      at::Tensor mask = ops::Full({2, length}, 1, at::kLong, at::kCPU);
      mask.select(0, 1).narrow(0, length - length / 3, length / 3).zero_();
      return {{"input_values", RandomNormal({2, length}, seed)}, {"attention_mask", mask}};
    }
    case catalog::Modality::kVision:
      break;
  }
  return {{"pixel_values", RandomNormal({2, 3, length, length}, seed)}};
}

std::string MainInput(const std::string& model_type) {
  switch (ModalityOf(model_type)) {
    case catalog::Modality::kText:
      return "input_ids";
    case catalog::Modality::kSpeech:
      return "input_values";
    case catalog::Modality::kVision:
      break;
  }
  return "pixel_values";
}

std::vector<int64_t> TinyOutputSizes(const std::string& model_type, int64_t length) {
  const auto& rules = catalog::FindModel(model_type)->rules;
  // The configuration's defaults have a say too.
  const auto config = Config::Parse(TinyConfig(model_type).dump(), true, length);
  int64_t rows = rules.tokens(config->values(), length);
  if (model_type == "swin" || model_type == "swinv2") {
    // Two stages: patches are merged once.
    const int64_t side = (length + 3) / 4;
    rows = (side + 1) / 2 * ((side + 1) / 2);
  }
  return {2, rows, 16};
}

at::Tensor RealRows(const Inputs& inputs, int64_t rows) {
  const auto mask = inputs.find(inputs.contains("decoder_input_ids") ? "decoder_attention_mask"
                                                                     : "attention_mask");
  if (mask == inputs.end() || mask->second.size(1) == rows) {
    return mask == inputs.end() ? at::Tensor() : mask->second;
  }
  // Of samples; the last frame is the last whose samples are all real.
  const at::Tensor samples = mask->second.sum(1, /*keepdim=*/true);
  const at::Tensor frames = samples.sub(400).floor_divide(320).add(1);
  return ops::Arange(rows, at::kCPU).unsqueeze(0).lt(frames);
}

double ScaledDifference(const at::Tensor& a, const at::Tensor& b, const at::Tensor& mask) {
  at::Tensor difference = a.to(at::kDouble).sub(b.to(at::kDouble)).abs();
  if (mask.defined()) {
    difference = difference.mul(mask.ne(0).unsqueeze(-1));
  }
  const double rms = b.to(at::kDouble).square().mean().sqrt().item<double>();
  return difference.max().item<double>() / std::max(rms, 1.0);
}

at::Tensor RandomNormal(at::IntArrayRef sizes, uint64_t seed, double deviation,
                        at::ScalarType dtype) {
  return ops::Empty(sizes, at::kDouble, at::kCPU)
      .normal_(0, deviation, ops::CpuGenerator(seed))
      .to(dtype);
}

int64_t AllocatedBytes(const std::function<void()>& work) {
  const auto counter = std::make_shared<AllocationCounter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counter);
  const c10::InferenceMode inference;
  work();
  return counter->bytes();
}

int64_t KeptBytes(const std::function<at::Tensor()>& work) {
  const auto counter = std::make_shared<AllocationCounter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counter);
  const at::Tensor result = work();
  return counter->kept();
}

int64_t AllocatedBytesOf(Model& model, const Inputs& inputs) {
  return AllocatedBytes([&] { model.Forward(inputs); });
}

at::Tensor Infer(Model& model, const Inputs& inputs) {
  const c10::InferenceMode guard;
  return model.Forward(inputs);
}

}  // namespace cusp::models
