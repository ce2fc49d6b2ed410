// What a sweep needs from whoever runs it.
#pragma once

#include "absl/status/status.h"
#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::measure {

// Whether, and how soon, a sweep shall stop.
enum class StopRequest { kNone, kAfterBlock, kNow };

// Called from the sweep's thread only.
class SweepHost {
 public:
  virtual ~SweepHost() = default;

  // Takes a finished block; may wait for room. An error ends the sweep: the
  // attempt is stale, or nobody wants the samples.
  virtual absl::Status Commit(const v1::Block& block) = 0;

  // Facts of a runner that was started; they are the same for each of a sweep.
  virtual void Started(const runner::v1::StartResponse& facts) = 0;

  // How far the sweep is.
  virtual void Report(const v1::SweepProgress& progress) = 0;

  // Read between steps. With kNow the runner may have been killed already.
  virtual StopRequest Stop() const = 0;
};

}  // namespace cusp::measure
