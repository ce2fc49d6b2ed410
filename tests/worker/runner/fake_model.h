// A model for tests: one weight, inputs that count.
#pragma once

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <string>
#include <utility>
#include <vector>

#include "worker/models/model.h"

namespace cusp::runner {

// Counts how often inputs were made. Not thread-safe.
class FakeModel final : public models::Model {
 public:
  absl::Status CheckInputs(const models::Inputs& /*inputs*/) const override {
    return absl::OkStatus();
  }

  at::Tensor Forward(const models::Inputs& inputs) override { return inputs.at("x"); }

  absl::StatusOr<models::Inputs> RandomInputs(int64_t length, int64_t batch_size,
                                              uint64_t seed) const override {
    if (length > 100) {
      return absl::InvalidArgumentError("length: at most 100");
    }
    ++inputs_made_;
    return models::Inputs{{"x", at::full({batch_size, length}, static_cast<double>(seed))}};
  }

  std::vector<std::pair<std::string, at::Tensor>> NamedTensors() const override { return {}; }
  std::vector<at::Tensor> Parameters() const override { return {}; }

  int inputs_made() const { return inputs_made_; }

 private:
  mutable int inputs_made_ = 0;
};

}  // namespace cusp::runner
