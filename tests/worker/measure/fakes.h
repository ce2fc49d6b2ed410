// A runner, a host and a job for the tests of a sweep.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cusp/v1/spec.pb.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_runner/scripted_runner.h"
#include "worker/measure/runner_connection.h"
#include "worker/measure/sweep_host.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// Runs scripted runners inside the test; their time passes on a fake clock.
class FakeLauncher final : public RunnerLauncher {
 public:
  FakeLauncher(Script script, FakeClock& clock) : script_(std::move(script)), clock_(clock) {}

  absl::StatusOr<std::unique_ptr<RunnerConnection>> Launch() override;

  // Called before each run of steps.
  void OnRun(std::function<void(const runner::v1::RunRequest&)> call) { on_run_ = std::move(call); }

  // Every step asked for, over all processes.
  const std::vector<runner::v1::Step>& steps() const { return asked_; }

  // Makes every further launch fail.
  void Break(absl::Status status) { broken_ = std::move(status); }

  int launches() const { return launches_; }
  int most_alive() const { return most_alive_; }
  // Steps asked for at a length, over all processes.
  int steps_at(int64_t length) const;
  const std::vector<runner::v1::StartRequest>& starts() const { return starts_; }

 private:
  friend class FakeConnection;

  const Script script_;
  FakeClock& clock_;
  absl::Status broken_;
  std::function<void(const runner::v1::RunRequest&)> on_run_;
  int launches_ = 0;
  int alive_ = 0;
  int most_alive_ = 0;
  std::map<size_t, int> fault_counts_;
  std::map<int64_t, int> steps_;
  std::vector<runner::v1::Step> asked_;
  std::vector<runner::v1::StartRequest> starts_;
};

// Keeps what a sweep says, and stops it when told.
class FakeHost final : public SweepHost {
 public:
  absl::Status Commit(const v1::Block& block) override;
  void Started(const runner::v1::StartResponse& facts) override {
    started = facts;
    has_started = true;
  }
  void Report(const v1::SweepProgress& report) override { progress.push_back(report); }
  StopRequest Stop() const override;

  std::vector<v1::Block> blocks;
  std::vector<v1::SweepProgress> progress;
  runner::v1::StartResponse started;
  bool has_started = false;
  bool commits_before_start = false;
  StopRequest stop = StopRequest::kNone;
  int stop_after_blocks = -1;  // then `stop` counts; -1: from the beginning
  absl::Status commit_status;
};

// Two text models, or one baseline and `candidates` of them; lengths 64 to
// 2,048, latency, a budget of ten minutes.
v1::JobSpec MakeSpec(int candidates = 1);

// The same with bert and linear_transformer, which decode.
v1::JobSpec MakeDecodeSpec();

// The same with hubert and l_hubert, from 0.5 to 8 s.
v1::JobSpec MakeSpeechSpec();

// A sweep of it: its first mode, in float32 on a CPU.
SweepTarget MakeTarget(const v1::JobSpec& spec);

// Its setup; aborts where the spec is bad.
SweepSetup MakeSetup(const v1::JobSpec& spec);

}  // namespace cusp::measure
