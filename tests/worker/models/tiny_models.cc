#include "tests/worker/models/tiny_models.h"

#include <c10/core/Allocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

class AllocationCounter : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* /*ptr*/, int64_t alloc_size, size_t /*total_allocated*/,
                         size_t /*total_reserved*/, c10::Device /*device*/) override {
    bytes_ += std::max<int64_t>(alloc_size, 0);
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t bytes() const { return bytes_; }

 private:
  int64_t bytes_ = 0;
};

void Rename(nlohmann::json& config, const std::map<std::string, std::string>& names) {
  for (const auto& [from, to] : names) {
    config[to] = config.at(from);
    config.erase(from);
  }
}

}  // namespace

nlohmann::json TinyConfig(const std::string& model_type) {
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
  }
  return config;
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
  at::Tensor ids = ops::Empty({2, length}, at::kLong, at::kCPU);
  ids.random_(2, 37, ops::CpuGenerator(seed));
  at::Tensor mask = ops::Full({2, length}, 1, at::kLong, at::kCPU);
  mask.select(0, 1).narrow(0, length - length / 3, length / 3).zero_();
  Inputs inputs = {{"input_ids", ids}};
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

int64_t AllocatedBytesOf(Model& model, const Inputs& inputs) {
  const auto counter = std::make_shared<AllocationCounter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counter);
  Infer(model, inputs);
  return counter->bytes();
}

at::Tensor Infer(Model& model, const Inputs& inputs) {
  const c10::InferenceMode guard;
  return model.Forward(inputs);
}

}  // namespace cusp::models
