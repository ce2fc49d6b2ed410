// The runner's work: LibTorch on one device.
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <optional>

#include "common/clock.h"
#include "worker/runner/memory.h"
#include "worker/runner/session.h"
#include "worker/runner/stepper.h"
#include "worker/runner/timer.h"

namespace cusp::runner {

// Sets the process up at Start, then builds, runs and reports. At most one in a
// process, since Start changes settings of the whole process; it touches no
// function of ATen before that. The clock outlives it. Not thread-safe.
class TorchHandler final : public RequestHandler {
 public:
  explicit TorchHandler(const Clock& clock) : clock_(clock) {}

  absl::StatusOr<v1::StartResponse> Start(const v1::StartRequest& request) override;
  absl::StatusOr<v1::BuildResponse> Build(const v1::BuildRequest& request) override;
  absl::StatusOr<v1::RunResponse> Run(const v1::RunRequest& request) override;
  absl::StatusOr<v1::ComponentsResponse> Components(const v1::ComponentsRequest& request) override;
  absl::StatusOr<v1::MeasureCeilingResponse> MeasureCeiling(
      const v1::MeasureCeilingRequest& request) override;
  absl::StatusOr<v1::MemoryResponse> Memory() override;
  absl::StatusOr<v1::DropResponse> Drop(const v1::DropRequest& request) override;

 private:
  // What the stepper's `method` gives, or its failure.
  template <typename Result>
  Result RunStep(absl::StatusOr<Result> (Stepper::*method)(const v1::Step&), const v1::Step& step);

  const Clock& clock_;
  c10::Device device_ = c10::kCPU;  // set by Start, like those below
  std::unique_ptr<Timer> timer_;
  std::optional<MemoryProbe> memory_;
  std::optional<Stepper> stepper_;
};

}  // namespace cusp::runner
