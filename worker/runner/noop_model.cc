#include "worker/runner/noop_model.h"

#include <ATen/ops/ones.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace cusp::runner {
namespace {

constexpr char kModelType[] = "cusp_noop";

class NoopModel final : public models::Model {
 public:
  NoopModel(at::Tensor output, Clock::Duration busy, const Clock& clock)
      : output_(std::move(output)), busy_(busy), clock_(clock) {}

  absl::Status CheckInputs(const models::Inputs& /*inputs*/) const override {
    return absl::OkStatus();
  }

  at::Tensor Forward(const models::Inputs& /*inputs*/) override {
    if (busy_.count() > 0) {
      const Clock::Monotonic end = clock_.Now() + busy_;
      while (clock_.Now() < end) {
      }
    }
    return output_;
  }

  absl::StatusOr<models::Inputs> RandomInputs(int64_t length, int64_t /*batch_size*/,
                                              uint64_t /*seed*/) const override {
    if (length < 1) {
      return absl::InvalidArgumentError("length: " + std::to_string(length) + " is not positive");
    }
    return models::Inputs{};
  }

  std::vector<std::pair<std::string, at::Tensor>> NamedTensors() const override {
    return {{"output", output_}};
  }

  std::vector<at::Tensor> Parameters() const override { return {output_}; }

 private:
  at::Tensor output_;
  Clock::Duration busy_;
  const Clock& clock_;
};

}  // namespace

bool IsNoopConfig(const std::string& config_json) {
  const auto config = nlohmann::json::parse(config_json, nullptr, /*allow_exceptions=*/false);
  const auto type = config.is_object() ? config.find("model_type") : config.end();
  return type != config.end() && *type == kModelType;
}

absl::StatusOr<std::unique_ptr<models::Model>> BuildNoopModel(const std::string& config_json,
                                                              const models::BuildOptions& options,
                                                              const Clock& clock) {
  const auto config = nlohmann::json::parse(config_json, nullptr, /*allow_exceptions=*/false);
  int64_t busy_ns = 0;
  for (const auto& [key, value] : config.items()) {
    if (key == "busy_ns" && value.is_number_unsigned()) {
      busy_ns = value.get<int64_t>();
    } else if (key != "model_type") {
      return absl::InvalidArgumentError(key + ": cusp_noop takes busy_ns, a positive integer");
    }
  }
  at::Tensor output =
      at::ones({1, 1, 1}, at::TensorOptions().dtype(options.dtype).device(options.device));
  output.set_requires_grad(options.training);
  return std::make_unique<NoopModel>(std::move(output), Clock::Duration(busy_ns), clock);
}

}  // namespace cusp::runner
