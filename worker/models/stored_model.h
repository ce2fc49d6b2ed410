// What every model of the table shares: its tensors, its lengths, its options.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "worker/models/config.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/model.h"

namespace cusp::models {

// Owns the parameters. Owned by one thread, like every Model.
class StoredModel : public Model {
 public:
  StoredModel(const Config& config, const BuildOptions& build);

  std::vector<std::pair<std::string, at::Tensor>> NamedTensors() const override;
  std::vector<at::Tensor> Parameters() const override;

 protected:
  // INVALID_ARGUMENT with the valid lengths and why. In the modality's unit,
  // before padding.
  absl::Status CheckLength(int64_t length) const;
  // What must follow an input of `length` to fill its last block.
  int64_t PaddingAfter(int64_t length) const { return (quantum_ - length % quantum_) % quantum_; }

  const BuildOptions& build() const { return build_; }
  ParameterStore& store() { return store_; }
  void set_quantum(int64_t quantum) { quantum_ = quantum; }

 private:
  BuildOptions build_;
  catalog::LengthLimits limits_;
  int64_t quantum_;
  ParameterStore store_;
};

}  // namespace cusp::models
