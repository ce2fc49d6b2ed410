// What the harness itself costs: a real cusp-runner with a model that computes
// nothing. Prints one line for each question, as medians with the quartiles.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "bench/runner_conversation.h"
#include "common/status_macros.h"
#include "common/subprocess.h"

namespace cusp {
namespace {

using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr int kSamples = 2000;
constexpr int32_t kIdle = 1;      // returns at once
constexpr int32_t kBusy = 2;      // waits 1 ms by the clock
constexpr int32_t kTraining = 3;  // returns at once; backward and AdamW of one number
constexpr double kBusyNs = 1e6;

runner::v1::Request RunOf(int32_t variant, int steps, int calls) {
  runner::v1::Request request;
  for (int i = 0; i < steps; ++i) {
    runner::v1::Step* step = request.mutable_run()->add_steps();
    step->set_variant(variant);
    step->set_length(64);
    step->set_batch_size(1);
    step->set_calls(calls);
  }
  return request;
}

absl::Status Build(RunnerConversation& runner, int32_t variant, const std::string& config,
                   const std::string& mode) {
  runner::v1::Request request;
  request.mutable_build()->set_variant(variant);
  request.mutable_build()->set_config_json(config);
  request.mutable_build()->set_dtype("float32");
  request.mutable_build()->set_mode(mode);
  return runner.Call(request).status();
}

void Print(const char* what, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  std::printf("%-58s %9.3f us  (%.3f - %.3f)\n", what, values[n / 2] / 1e3, values[n / 4] / 1e3,
              values[n * 3 / 4] / 1e3);
}

// Durations of single-call samples, all in one request, less `expected_ns`.
absl::Status PrintSamples(RunnerConversation& runner, const char* what, int32_t variant, int calls,
                          double expected_ns) {
  CUSP_ASSIGN_OR_RETURN(const runner::v1::Response response,
                        runner.Call(RunOf(variant, kSamples, calls)));
  std::vector<double> values;
  for (const runner::v1::StepResult& result : response.run().results()) {
    values.push_back(static_cast<double>(result.duration_ns()) / calls - expected_ns);
  }
  Print(what, std::move(values));
  return absl::OkStatus();
}

absl::Status PrintRoundTrips(RunnerConversation& runner) {
  std::vector<double> values;
  for (int i = 0; i < kSamples; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    CUSP_RETURN_IF_ERROR(runner.Call(RunOf(kIdle, 1, 1)).status());
    values.push_back(Nanoseconds(std::chrono::steady_clock::now() - begin).count());
  }
  Print("request and response, outside what is timed", std::move(values));
  return absl::OkStatus();
}

absl::Status Measure() {
  const auto begin = std::chrono::steady_clock::now();
  CUSP_ASSIGN_OR_RETURN(RunnerConversation runner, RunnerConversation::Start(1));
  std::printf("%-58s %9.0f ms\n", "spawn to answer of start",
              Nanoseconds(std::chrono::steady_clock::now() - begin).count() / 1e6);

  CUSP_RETURN_IF_ERROR(Build(runner, kIdle, R"({"model_type": "cusp_noop"})", "inference"));
  CUSP_RETURN_IF_ERROR(
      Build(runner, kBusy, R"({"model_type": "cusp_noop", "busy_ns": 1000000})", "inference"));
  CUSP_RETURN_IF_ERROR(Build(runner, kTraining, R"({"model_type": "cusp_noop"})", "training"));
  CUSP_RETURN_IF_ERROR(PrintSamples(runner, "sample of one call, do-nothing model", kIdle, 1, 0));
  CUSP_RETURN_IF_ERROR(
      PrintSamples(runner, "per call in a sample of 100, do-nothing model", kIdle, 100, 0));
  CUSP_RETURN_IF_ERROR(
      PrintSamples(runner, "training sample of one call, one parameter", kTraining, 1, 0));
  CUSP_RETURN_IF_ERROR(PrintSamples(
      runner, "sample of one call over a model of 1 ms (limit: 10 us)", kBusy, 1, kBusyNs));
  return PrintRoundTrips(runner);
}

}  // namespace
}  // namespace cusp

int main() {
  const absl::Status status = cusp::Measure();
  if (!status.ok()) {
    std::fprintf(stderr, "runner_overhead_bench: %s\n", std::string(status.message()).c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
