// Measures blocks of timed steps: warm-up, then all points in one go.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/sampling.h"
#include "common/clock.h"
#include "worker/measure/noise.h"
#include "worker/measure/point_table.h"
#include "worker/measure/runner_session.h"
#include "worker/measure/sample_shape.h"
#include "worker/measure/sweep_host.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

struct BlockRunnerOptions {
  // No call is given less; what is known to take long gets 50 times its time.
  Clock::Duration call_timeout = std::chrono::seconds(30);
  // A sample lasts at least this long.
  double sample_seconds = catalog::kSampleSeconds;
  // What is watched while samples are taken.
  NoiseOptions noise = {};
};

// A crash is blamed on one point: warm-up sends steps one by one, and a block whose runner
// died is sent again, each point by itself. Not thread-safe; what it is given must outlive
// it.
class BlockRunner {
 public:
  BlockRunner(const SweepSetup& setup, RunnerSession& session, PointTable& points,
              const SweepHost& host, BlockRunnerOptions options);

  // One sample of each of `keys`, all at one length and in this order; a point that cannot be
  // measured has a sample that says why. The block has the first key's batch size and no
  // number. `again`: place of a key that is there twice, whose sample there is
  // METRIC_SAME_AGAIN; left out where it cannot be had. CANCELLED when the host wants to stop
  // now; else what RunnerSession::EnsureReady says.
  absl::StatusOr<v1::Block> Measure(const std::vector<PointKey>& keys, const SampleShape& shape,
                                    std::optional<size_t> again = std::nullopt);

  // Makes the living process warm at a point, which leaves its time in the table, or finds
  // that the point can't be measured, which leaves the reason there. Errors as above.
  absl::Status WarmUp(const PointKey& key);

  // Starts a runner where none lives. Errors as above.
  absl::Status EnsureReady();

  // The step of a point.
  runner::v1::Step StepFor(const PointKey& key, int32_t calls) const;

  // For a request with so many calls of each point.
  Clock::Duration Timeout(const std::vector<PointKey>& keys,
                          const std::vector<int32_t>& calls) const;

  // What is left of the budget: only shortens the wait for steps of unknown length.
  void SetTimeLeft(Clock::Duration time_left) { time_left_ = time_left; }

  const BlockRunnerOptions& options() const { return options_; }

 private:
  // Of each step that was asked for, in order.
  using Results = std::vector<runner::v1::StepResult>;
  struct Request {
    std::vector<PointKey> keys;
    std::vector<TimedSteps> steps;
  };

  absl::StatusOr<std::optional<Results>> Run(const Request& request);
  absl::StatusOr<std::optional<Results>> RunOneByOne(const Request& request);
  bool CountFailures(const Request& request, const Results& results);
  // What is planned: all points, and which of them comes for the second time.
  struct Planned {
    const std::vector<PointKey>& keys;
    std::optional<size_t> again;
  };
  static std::vector<SampleShape::Timing> TimingsOf(size_t point, const Request& request,
                                                    const Results& results);
  v1::Block MakeBlock(const Planned& planned, const SampleShape& shape, const Request& request,
                      const Results& results) const;

  const SweepSetup& setup_;
  RunnerSession& session_;
  PointTable& points_;
  const SweepHost& host_;
  BlockRunnerOptions options_;
  NoiseWatch noise_;
  Clock::Duration time_left_{0};
};

}  // namespace cusp::measure
