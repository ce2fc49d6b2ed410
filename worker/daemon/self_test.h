// What a machine can tell apart: `cusp-worker --self-test`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/noise.h"
#include "worker/measure/runner_connection.h"
#include "worker/measure/same_again.h"
#include "worker/measure/timer_figures.h"

namespace cusp::worker {

struct SelfTestOptions {
  std::string device = "cpu";  // or "cuda:0"
  int threads = 0;             // 0: all cores
  measure::NoiseOptions noise = {};
  int blocks = 50;  // at each length
  std::vector<int64_t> lengths = {64, 256, 512};
};

// A small model against its copy at one length.
struct SelfTestLength {
  int64_t length = 0;
  measure::SameAgain found;
};

struct SelfTestReport {
  runner::v1::StartResponse facts;
  measure::TimerFigures timer;
  double overhead_share = 0;  // of a sample of 1 ms, by the harness
  int blocks = 0;             // at each length
  v1::Block seen;             // what disturbed those blocks, all together; no samples
  std::vector<SelfTestLength> lengths;

  // A model differs from its copy somewhere.
  bool Differs() const;
  // Largest noise of any length: what holds of it holds of all.
  double Noise() const;
};

// Starts a runner and measures: samples of a model that does nothing, of one that waits
// 1 ms, and of two copies of a small BERT in interleaved blocks, in random order. Takes
// some ten seconds; `progress` hears of each part. Errors are those of the runner.
absl::StatusOr<SelfTestReport> RunSelfTest(measure::RunnerLauncher& launcher,
                                           const SelfTestOptions& options,
                                           const std::function<void(const std::string&)>& progress);

}  // namespace cusp::worker
