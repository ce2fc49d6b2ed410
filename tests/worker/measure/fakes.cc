#include "tests/worker/measure/fakes.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "common/check.h"

namespace cusp::measure {
namespace {

constexpr Clock::Duration kStartTime = std::chrono::milliseconds(500);

}  // namespace

class FakeConnection final : public RunnerConnection {
 public:
  explicit FakeConnection(FakeLauncher& launcher)
      : launcher_(launcher),
        runner_(launcher.script_, static_cast<uint64_t>(launcher.launches_),
                [&launcher](size_t index) { return launcher.fault_counts_[index]++; }) {
    ++launcher_.launches_;
    ++launcher_.alive_;
    launcher_.most_alive_ = std::max(launcher_.most_alive_, launcher_.alive_);
  }
  ~FakeConnection() override { --launcher_.alive_; }
  FakeConnection(const FakeConnection&) = delete;
  FakeConnection& operator=(const FakeConnection&) = delete;

  absl::Status Send(runner::v1::Request request) override {
    if (request.has_start()) {
      launcher_.starts_.push_back(request.start());
    }
    if (request.has_run() && launcher_.on_run_) {
      launcher_.on_run_(request.run());
    }
    for (const runner::v1::Step& step : request.run().steps()) {
      ++launcher_.steps_[step.length()];
      launcher_.asked_.push_back(step);
    }
    request_ = std::move(request);
    return absl::OkStatus();
  }

  absl::StatusOr<runner::v1::Response> Receive(Clock::Duration timeout) override {
    CUSP_CHECK(!dead_);
    if (request_.has_start()) {
      launcher_.clock_.Advance(kStartTime);
    }
    const ScriptedRunner::Answer answer = runner_.Handle(request_);
    launcher_.clock_.Advance(std::chrono::nanoseconds(static_cast<int64_t>(answer.seconds * 1e9)));
    if (answer.fault == nullptr) {
      return answer.response;
    }
    dead_ = true;
    switch (answer.fault->kind) {
      case ScriptedFault::Kind::kHang:
        launcher_.clock_.Advance(timeout);
        return absl::DeadlineExceededError("no answer");
      case ScriptedFault::Kind::kGarbage:
        return absl::DataLossError("no message");
      default:
        return absl::UnavailableError("killed by signal 11");
    }
  }

 private:
  FakeLauncher& launcher_;
  ScriptedRunner runner_;
  runner::v1::Request request_;
  bool dead_ = false;
};

absl::StatusOr<std::unique_ptr<RunnerConnection>> FakeLauncher::Launch() {
  CUSP_RETURN_IF_ERROR(broken_);
  return std::make_unique<FakeConnection>(*this);
}

int FakeLauncher::steps_at(int64_t length) const {
  const auto it = steps_.find(length);
  return it == steps_.end() ? 0 : it->second;
}

absl::Status FakeHost::Commit(const v1::Block& block) {
  commits_before_start = commits_before_start || !has_started;
  CUSP_RETURN_IF_ERROR(commit_status);
  blocks.push_back(block);
  return absl::OkStatus();
}

StopRequest FakeHost::Stop() const {
  return static_cast<int>(blocks.size()) >= stop_after_blocks ? stop : StopRequest::kNone;
}

v1::JobSpec MakeSpec(int candidates) {
  v1::JobSpec spec;
  spec.set_name("test");
  spec.set_preset("tiny");
  v1::VariantSpec& bert = *spec.add_baselines();
  bert.set_name("bert");
  bert.set_model("bert");
  for (int i = 0; i < candidates; ++i) {
    v1::VariantSpec& candidate = *spec.add_candidates();
    candidate.set_name("linformer-" + std::to_string(i));
    candidate.set_model("linformer");
  }
  spec.add_modes(v1::MODE_INFERENCE);
  spec.add_dtypes(v1::DTYPE_FLOAT32);
  spec.add_metrics(v1::METRIC_LATENCY);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(2048);
  spec.add_batch_sizes(1);
  spec.set_threads(1);
  spec.set_precision(0.05);
  spec.mutable_budget()->set_seconds(600);
  spec.set_seed(1);
  catalog::ApplyDefaults(spec);
  return spec;
}

v1::JobSpec MakeDecodeSpec() {
  v1::JobSpec spec = MakeSpec();
  spec.mutable_candidates(0)->set_name("linear");
  spec.mutable_candidates(0)->set_model("linear_transformer");
  spec.set_modes(0, v1::MODE_DECODE);
  return spec;
}

v1::JobSpec MakeSpeechSpec() {
  v1::JobSpec spec = MakeSpec();
  spec.mutable_baselines(0)->set_name("hubert");
  spec.mutable_baselines(0)->set_model("hubert");
  spec.mutable_candidates(0)->set_name("l_hubert");
  spec.mutable_candidates(0)->set_model("l_hubert");
  spec.clear_lengths();
  spec.mutable_lengths()->set_min(8000);
  spec.mutable_lengths()->set_max(128'000);
  catalog::ApplyDefaults(spec);
  return spec;
}

SweepTarget MakeTarget(const v1::JobSpec& spec) {
  return {.spec = spec,
          .mode = spec.modes(0),
          .dtype = v1::DTYPE_FLOAT32,
          .device = "cpu",
          .memory_limit_bytes = int64_t{1} << 30};
}

SweepSetup MakeSetup(const v1::JobSpec& spec) {
  auto setup = MakeSweepSetup(MakeTarget(spec));
  if (!setup.ok()) {
    std::cerr << setup.status() << '\n';
  }
  CUSP_CHECK(setup.ok());
  return *std::move(setup);
}

}  // namespace cusp::measure
