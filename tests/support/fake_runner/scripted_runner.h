// A runner without LibTorch, whose costs and failures are scripted.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "common/random.h"
#include "cusp/runner/v1/runner.pb.h"
#include "tests/support/fake_runner/script.h"

namespace cusp {

// Answers requests as cusp-runner would. Used inside tests, and by the binary
// fake_runner, which turns faults into real misbehaviour. Not thread-safe.
class ScriptedRunner {
 public:
  // Called when fault number `index` is about to happen: says how often it has
  // happened before, in any process, and counts this time.
  using FaultCounter = std::function<int(size_t index)>;

  struct Answer {
    runner::v1::Response response;
    // Set where the process shall misbehave instead of answering; never one of
    // the typed answers.
    const ScriptedFault* fault = nullptr;
    double seconds = 0;  // that answering takes, as reported
  };

  // `script` must outlive the runner.
  ScriptedRunner(const Script& script, uint64_t seed, FaultCounter counter);

  Answer Handle(const runner::v1::Request& request);

 private:
  const ScriptedFault* FaultAt(int variant, int64_t length);
  void Build(const runner::v1::BuildRequest& build, Answer& answer);
  void Run(const runner::v1::RunRequest& run, Answer& answer);
  void RunStep(const runner::v1::Step& step, Answer& answer);
  void Components(const runner::v1::Step& step, Answer& answer);
  static void MeasureCeiling(const runner::v1::MeasureCeilingRequest& request, Answer& answer);
  double Noise();

  const Script& script_;
  Random random_;
  FaultCounter counter_;
  std::set<int> built_;
  std::set<int> training_;
  std::set<std::pair<int, int64_t>> warm_;
  double peak_bytes_ = 0;
};

}  // namespace cusp
