#include "worker/daemon/self_test.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "catalog/sampling.h"
#include "common/random.h"
#include "common/status_macros.h"
#include "worker/daemon/device_facts.h"
#include "worker/measure/outcome.h"
#include "worker/measure/warmup.h"

namespace cusp::worker {
namespace {

using runner::v1::Request;
using runner::v1::Response;

// Loading LibTorch from a cold disk takes its time.
constexpr std::chrono::seconds kTimeout{300};
constexpr int32_t kIdle = 0;
constexpr int32_t kBusy = 1;
constexpr int32_t kTwin = 2;
constexpr int32_t kOtherTwin = 3;
constexpr double kBusyNs = 1e6;
constexpr int kIdleSamples = 2000;
constexpr int kBusySamples = 1000;
constexpr char kIdleConfig[] = R"({"model_type": "cusp_noop"})";
constexpr char kBusyConfig[] = R"({"model_type": "cusp_noop", "busy_ns": 1000000})";
constexpr char kTwinConfig[] =
    R"({"model_type": "bert", "vocab_size": 30522, "hidden_size": 256, "num_hidden_layers": 4,
        "num_attention_heads": 4, "intermediate_size": 1024, "max_position_embeddings": 512})";

std::vector<int64_t> DurationsOf(const runner::v1::RunResponse& run) {
  std::vector<int64_t> durations;
  for (const runner::v1::StepResult& result : run.results()) {
    durations.push_back(result.duration_ns());
  }
  return durations;
}

// The conversation with one runner.
class Conversation {
 public:
  Conversation(std::unique_ptr<measure::RunnerConnection> runner, measure::NoiseOptions noise)
      : runner_(std::move(runner)), noise_(std::move(noise)) {}

  absl::StatusOr<runner::v1::StartResponse> Start(const SelfTestOptions& options) {
    Request request;
    request.mutable_start()->set_device(options.device);
    request.mutable_start()->set_threads(options.threads);
    request.mutable_start()->set_purpose(runner::v1::StartRequest::PURPOSE_TIMING);
    CUSP_ASSIGN_OR_RETURN(Response response, Call(std::move(request), Response::kStart));
    return std::move(*response.mutable_start());
  }

  absl::Status Build(int32_t variant, const std::string& config) {
    Request request;
    runner::v1::BuildRequest& build = *request.mutable_build();
    build.set_variant(variant);
    build.set_config_json(config);
    build.set_attention("eager");
    build.set_dtype("float32");
    build.set_mode("inference");
    build.set_seed(1);
    return Call(std::move(request), Response::kBuild).status();
  }

  // Durations of one sample of each variant, in this order.
  absl::StatusOr<std::vector<int64_t>> Run(const std::vector<int32_t>& variants, int64_t length,
                                           int32_t calls) {
    Request request;
    for (const int32_t variant : variants) {
      runner::v1::Step& step = *request.mutable_run()->add_steps();
      step.set_variant(variant);
      step.set_length(length);
      step.set_batch_size(1);
      step.set_calls(calls);
    }
    noise_.Start();
    CUSP_ASSIGN_OR_RETURN(const Response response, Call(std::move(request), Response::kRun));
    noise_.Finish(response.run());
    for (const runner::v1::StepResult& result : response.run().results()) {
      if (result.has_failure()) {
        return measure::ToStatus(result.failure());
      }
    }
    return DurationsOf(response.run());
  }

  measure::NoiseWatch& noise() { return noise_; }

 private:
  absl::StatusOr<Response> Call(Request request, Response::KindCase kind) {
    CUSP_ASSIGN_OR_RETURN(Response response, runner_->Call(std::move(request), kTimeout));
    CUSP_RETURN_IF_ERROR(measure::CheckResponse(response, kind));
    return response;
  }

  std::unique_ptr<measure::RunnerConnection> runner_;
  measure::NoiseWatch noise_;
};

absl::Status MeasureHarness(Conversation& runner, SelfTestReport& report) {
  CUSP_RETURN_IF_ERROR(runner.Build(kIdle, kIdleConfig));
  CUSP_RETURN_IF_ERROR(runner.Build(kBusy, kBusyConfig));
  CUSP_ASSIGN_OR_RETURN(const std::vector<int64_t> idle,
                        runner.Run(std::vector<int32_t>(kIdleSamples, kIdle), 1, 1));
  report.timer = measure::FiguresOf(idle);
  CUSP_ASSIGN_OR_RETURN(const std::vector<int64_t> busy,
                        runner.Run(std::vector<int32_t>(kBusySamples, kBusy), 1, 1));
  report.overhead_share = measure::OverheadShare(busy, kBusyNs);
  return absl::OkStatus();
}

// Calls that make a sample, once both twins are warm.
absl::StatusOr<int32_t> WarmUp(Conversation& runner, int64_t length) {
  int32_t calls = 1;
  for (const int32_t twin : {kTwin, kOtherTwin}) {
    measure::Warmup warmup;
    while (!warmup.Done()) {
      CUSP_ASSIGN_OR_RETURN(const std::vector<int64_t> one, runner.Run({twin}, length, 1));
      warmup.Add(static_cast<double>(one[0]) * 1e-9);
    }
    calls = std::max(calls, measure::CallsPerSample(warmup.best(), catalog::kSampleSeconds));
  }
  return calls;
}

absl::StatusOr<std::vector<double>> MeasureTwins(Conversation& runner, int64_t length, int blocks,
                                                 Random& random) {
  CUSP_ASSIGN_OR_RETURN(const int32_t calls, WarmUp(runner, length));
  std::vector<double> ratios;
  for (int block = 0; block < blocks; ++block) {
    std::vector<int32_t> order = {kTwin, kOtherTwin};
    random.Shuffle(order);
    CUSP_ASSIGN_OR_RETURN(const std::vector<int64_t> took, runner.Run(order, length, calls));
    if (took.size() != 2 || took[0] <= 0 || took[1] <= 0) {
      return absl::DataLossError("the runner measured a step of no time");
    }
    const double ratio = static_cast<double>(took[1]) / static_cast<double>(took[0]);
    ratios.push_back(order[0] == kTwin ? ratio : 1 / ratio);
  }
  return ratios;
}

}  // namespace

bool SelfTestReport::Differs() const {
  return std::any_of(lengths.begin(), lengths.end(),
                     [](const SelfTestLength& at) { return at.found.differs; });
}

double SelfTestReport::Noise() const {
  double noise = 0;
  for (const SelfTestLength& at : lengths) {
    noise = std::max(noise, at.found.noise);
  }
  return noise;
}

absl::StatusOr<SelfTestReport> RunSelfTest(
    measure::RunnerLauncher& launcher, const SelfTestOptions& options,
    const std::function<void(const std::string&)>& progress) {
  progress("starting a runner");
  CUSP_ASSIGN_OR_RETURN(auto connection, launcher.Launch());
  Conversation runner(std::move(connection), options.noise);
  SelfTestReport report;
  report.blocks = options.blocks;
  CUSP_ASSIGN_OR_RETURN(report.facts, runner.Start(options));
  // Of a device that nobody tells of only the CPUs are watched.
  const DeviceInstruments instruments = OpenInstruments(report.facts).value_or(DeviceInstruments());
  runner.noise().Watch(instruments.watch.get());
  progress("timing a model that does nothing");
  CUSP_RETURN_IF_ERROR(MeasureHarness(runner, report));
  CUSP_RETURN_IF_ERROR(runner.Build(kTwin, kTwinConfig));
  CUSP_RETURN_IF_ERROR(runner.Build(kOtherTwin, kTwinConfig));
  runner.noise().Reset();
  Random random(1);
  for (const int64_t length : options.lengths) {
    progress("a model against its copy at length " + std::to_string(length));
    CUSP_ASSIGN_OR_RETURN(const std::vector<double> ratios,
                          MeasureTwins(runner, length, options.blocks, random));
    report.lengths.push_back({.length = length, .found = measure::JudgeSameAgain(ratios)});
  }
  runner.noise().Describe(report.seen);
  return report;
}

}  // namespace cusp::worker
