// One attempt, from its assignment until the coordinator knows how it ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "cusp/v1/worker.pb.h"
#include "worker/daemon/coordinator.h"
#include "worker/daemon/device_facts.h"
#include "worker/daemon/runner_process.h"
#include "worker/daemon/sample_stream.h"
#include "worker/daemon/sandbox.h"
#include "worker/daemon/weights_cache.h"
#include "worker/daemon/weights_fetch.h"
#include "worker/measure/sweep.h"

namespace cusp::worker {

// How sessions measure; the same for all of a worker.
struct SessionOptions {
  std::string runner;              // path of the executable
  std::optional<Sandbox> sandbox;  // nothing: it has none
  std::string device;
  int64_t memory_limit_bytes = 0;
  Clock::Duration call_timeout = std::chrono::seconds(30);
  HostFacts host;
  DeviceInstruments instruments;
  v1::DeviceSpeed speed;                                  // sent with each result
  std::shared_ptr<const WeightsCache> weights = nullptr;  // nullptr: nothing is fetched
};

// Runs two threads: one measures, one delivers samples. Thread-safe. Destroying
// it kills the runner and waits for both.
class Session final : private measure::SweepHost {
 public:
  // Starts at once. `coordinator` and `clock` must outlive the session;
  // `on_end` is called once, from one of its threads, when it has ended.
  Session(v1::Assignment assignment, const SessionOptions& options, Coordinator& coordinator,
          const Clock& clock, std::function<void()> on_end);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // "jobs/{id}/sweeps/{n}/attempts/{m}".
  const std::string& attempt() const { return assignment_.attempt(); }

  v1::SweepProgress progress() const;

  // True once nothing more will happen.
  bool ended() const;

  // Stops after the current block, delivers what was measured, and gives the
  // sweep back.
  void Drain();

  // Kills the runner and ends soon: the coordinator wants it so.
  void Abandon(const std::string& reason);

  // To be called now and then.
  void CheckStalled() { samples_.CheckStalled(); }

 private:
  // SweepHost.
  absl::Status Commit(const v1::Block& block) override;
  void Started(const runner::v1::StartResponse& facts) override;
  void Report(const v1::SweepProgress& progress) override;
  measure::StopRequest Stop() const override;

  void Measure();
  absl::StatusOr<std::vector<v1::Block>> FetchCommitted();
  absl::Status FetchWeights();
  v1::FinishAttemptRequest RunSweep(std::vector<v1::Block> committed);
  void Deliver(v1::FinishAttemptRequest& finish);
  void Finish(const v1::FinishAttemptRequest& finish);
  bool WaitToRetry(std::chrono::milliseconds wait);
  bool GivenUp() const;

  const v1::Assignment assignment_;
  const SessionOptions& options_;
  Coordinator& coordinator_;
  const Clock& clock_;
  const std::function<void()> on_end_;
  RunnerProcessLauncher launcher_;
  SampleStream samples_;
  // Of the measuring thread.
  v1::SweepConditions conditions_;
  v1::JobSpec spec_;  // with the paths that weights have here
  FetchedWeights weights_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  measure::StopRequest stop_ = measure::StopRequest::kNone;
  bool abandoned_ = false;
  std::optional<std::chrono::steady_clock::time_point> drained_at_;
  v1::SweepProgress progress_;
  bool ended_ = false;

  std::thread delivering_;
  std::thread measuring_;
};

}  // namespace cusp::worker
