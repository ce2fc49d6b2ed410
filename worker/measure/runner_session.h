// The runner that holds all variants of a sweep, started anew when it dies.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "worker/measure/runner_connection.h"
#include "worker/measure/sweep_host.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// Owned by a sweep; what it is given must outlive it. Not thread-safe.
class RunnerSession {
 public:
  RunnerSession(const SweepSetup& setup, RunnerLauncher& launcher, SweepHost& host,
                const Clock& clock);

  // Makes sure that a runner lives with every variant built; starts one up to
  // three times where it dies meanwhile. The error names the variant that
  // can't be built: INVALID_ARGUMENT (configuration), RESOURCE_EXHAUSTED (all
  // of them together don't fit), or what the last try ended with.
  absl::Status EnsureReady(Clock::Duration timeout);

  // Runs steps in this order; one result for each. After an error the runner is
  // gone, and EnsureReady() starts the next.
  absl::StatusOr<runner::v1::RunResponse> Run(const std::vector<runner::v1::Step>& steps,
                                              Clock::Duration timeout);

  // Times the parts of a step. After an error the runner is gone, likewise; a failure of the
  // step itself is in the response.
  absl::StatusOr<runner::v1::ComponentsResponse> Components(const runner::v1::Step& step,
                                                            Clock::Duration timeout);

  // Ends the runner.
  void Close() { connection_.reset(); }

  // Number of the living process, from 1: what was warm in another is cold.
  int64_t generation() const { return generation_; }

  // Time from launch to all variants built, of the newest process.
  Clock::Duration start_time() const { return start_time_; }

 private:
  absl::Status Start(Clock::Duration timeout);

  const SweepSetup& setup_;
  RunnerLauncher& launcher_;
  SweepHost& host_;
  const Clock& clock_;
  std::unique_ptr<RunnerConnection> connection_;
  int64_t generation_ = 0;
  Clock::Duration start_time_{0};
};

}  // namespace cusp::measure
