// Measures one block of latencies: warm-up, then all variants once each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analysis/planner.h"
#include "common/clock.h"
#include "worker/measure/point_table.h"
#include "worker/measure/runner_session.h"
#include "worker/measure/sweep_host.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

struct BlockRunnerOptions {
  // No call is given less; what is known to take long gets 50 times its time.
  Clock::Duration call_timeout = std::chrono::seconds(30);
  // A sample lasts at least this long.
  double sample_seconds = 20e-3;
};

// A crash is blamed on one variant: warm-up sends steps one by one, and a block
// whose runner died is sent again the same way. Not thread-safe; what it is
// given must outlive it.
class BlockRunner {
 public:
  BlockRunner(const SweepSetup& setup, RunnerSession& session, PointTable& points,
              const SweepHost& host, BlockRunnerOptions options);

  // One sample for each planned variant, in this order; a variant that cannot
  // be measured has a sample that says why. The block has no number yet.
  // `time_left` only shortens the wait for steps of unknown length. CANCELLED
  // when the host wants to stop now; else what RunnerSession::EnsureReady says.
  // While decoding, samples of the first token follow, until a point has eight: one that
  // cannot be had is left out.
  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left);

 private:
  absl::StatusOr<v1::Block> MeasureSteps(const std::vector<PointKey>& keys);
  using Results = std::vector<runner::v1::StepResult>;

  absl::Status WarmUp(const PointKey& key);
  absl::StatusOr<std::optional<Results>> RunSteps(const std::vector<PointKey>& keys);
  absl::StatusOr<std::optional<Results>> RunOneByOne(const std::vector<PointKey>& keys);
  runner::v1::Step StepFor(const PointKey& key, int32_t calls) const;
  Clock::Duration Timeout(const std::vector<PointKey>& keys) const;
  absl::Status EnsureReady();
  void AddFirstTokens(const std::vector<PointKey>& keys, v1::Block& block);
  bool decodes() const { return setup_.target.mode == v1::MODE_DECODE; }
  v1::Block MakeBlock(const std::vector<PointKey>& planned, const std::vector<PointKey>& measured,
                      const Results& results) const;

  const SweepSetup& setup_;
  RunnerSession& session_;
  PointTable& points_;
  const SweepHost& host_;
  BlockRunnerOptions options_;
  Clock::Duration time_left_{0};
};

}  // namespace cusp::measure
