// Peak memory of one (variant, length), from a process of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "worker/measure/runner_connection.h"
#include "worker/measure/sweep_host.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// What a probe found.
struct ProbeResult {
  size_t variant = 0;
  runner::v1::MemoryResponse memory;
  double step_seconds = 0;  // of the one step, cold
  // RESOURCE_EXHAUSTED: it does not fit. Otherwise as RunnerConnection and
  // outcome.h say; the last try's.
  absl::Status status;
};

// Starts a fresh runner for each (variant, length): high-water marks never
// fall, so a process that did anything else before would blur them. Nothing is
// timed here, so several probes run at once where that is allowed. Not
// thread-safe; what it is given must outlive it.
class MemoryProbe {
 public:
  // `at_once` is at least 1.
  MemoryProbe(const SweepSetup& setup, RunnerLauncher& launcher, SweepHost& host, int at_once);

  // How long a probe is waited for.
  struct Patience {
    Clock::Duration timeout;  // for each answer
    int tries = 3;            // where another one may help
  };

  // One result for each variant, in this order. CANCELLED results where the
  // host wants to stop now.
  std::vector<ProbeResult> Run(const std::vector<size_t>& variants, int64_t length,
                               int32_t batch_size, Patience patience);

 private:
  struct Probe;
  struct Point {
    int64_t length;
    int32_t batch_size;
  };

  void RunGroup(std::vector<ProbeResult*> results, Point point, Clock::Duration timeout);
  void Advance(Probe& probe, runner::v1::Response::KindCase answer, runner::v1::Request next,
               Clock::Duration timeout);
  runner::v1::StartRequest StartFor(size_t group_size) const;

  const SweepSetup& setup_;
  RunnerLauncher& launcher_;
  SweepHost& host_;
  int at_once_;
};

}  // namespace cusp::measure
