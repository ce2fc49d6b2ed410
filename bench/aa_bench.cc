// A model against itself: what order of measuring does to the ratio. The truth
// is 1, so every |B/A - 1| printed is an error of the method on this machine.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/runner_conversation.h"
#include "common/random.h"

namespace cusp {
namespace {

constexpr int kTrials = 10;  // estimates of the ratio, for each method
constexpr int kBlocks = 30;  // samples of each model behind one estimate
constexpr char kConfig[] =
    R"({"model_type": "bert", "vocab_size": 30522, "hidden_size": 256, "num_hidden_layers": 4,
        "num_attention_heads": 4, "intermediate_size": 1024, "max_position_embeddings": 512})";

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// One request with a sample of each variant in `order`; seconds per call.
absl::StatusOr<std::vector<double>> Time(RunnerConversation& runner,
                                         const std::vector<int32_t>& order, int64_t length,
                                         int calls) {
  runner::v1::Request request;
  for (const int32_t variant : order) {
    runner::v1::Step& step = *request.mutable_run()->add_steps();
    step.set_variant(variant);
    step.set_length(length);
    step.set_batch_size(1);
    step.set_calls(calls);
  }
  CUSP_ASSIGN_OR_RETURN(const runner::v1::Response response, runner.Call(request));
  std::vector<double> seconds;
  for (const runner::v1::StepResult& result : response.run().results()) {
    seconds.push_back(static_cast<double>(result.duration_ns()) * 1e-9 / calls);
  }
  return seconds;
}

// All of the first model, then all of the second: what a plain grid does.
absl::StatusOr<double> OneAfterTheOther(RunnerConversation& runner, int64_t length, int calls) {
  std::vector<double> medians;
  for (const int32_t variant : {0, 1}) {
    CUSP_ASSIGN_OR_RETURN(const std::vector<double> seconds,
                          Time(runner, std::vector<int32_t>(kBlocks, variant), length, calls));
    medians.push_back(Median(seconds));
  }
  return medians[1] / medians[0];
}

// Both in every block, in random order; the ratio is taken inside the block.
absl::StatusOr<double> Interleaved(RunnerConversation& runner, int64_t length, int calls,
                                   Random& random) {
  std::vector<double> log_ratios;
  for (int block = 0; block < kBlocks; ++block) {
    const int32_t first = random.Below(2) == 0 ? 0 : 1;
    CUSP_ASSIGN_OR_RETURN(const std::vector<double> seconds,
                          Time(runner, {first, 1 - first}, length, calls));
    const double ratio = std::log(seconds[1] / seconds[0]);
    log_ratios.push_back(first == 0 ? ratio : -ratio);
  }
  return std::exp(Median(log_ratios));
}

void Print(int64_t length, const char* method, const std::vector<double>& ratios) {
  double sum = 0;
  double worst = 0;
  for (const double ratio : ratios) {
    sum += std::fabs(ratio - 1);
    worst = std::max(worst, std::fabs(ratio - 1));
  }
  std::printf("%5lld tokens  %-22s |B/A - 1|: mean %5.2f %%, worst %5.2f %% of %d estimates\n",
              static_cast<long long>(length), method,
              100 * sum / static_cast<double>(ratios.size()), 100 * worst, kTrials);
}

absl::Status Measure() {
  CUSP_ASSIGN_OR_RETURN(RunnerConversation runner, RunnerConversation::Start(1));
  for (const int32_t variant : {0, 1}) {
    runner::v1::Request request;
    request.mutable_build()->set_variant(variant);
    request.mutable_build()->set_config_json(kConfig);
    request.mutable_build()->set_attention("eager");
    request.mutable_build()->set_dtype("float32");
    request.mutable_build()->set_mode("inference");
    request.mutable_build()->set_seed(1);
    CUSP_RETURN_IF_ERROR(runner.Call(request).status());
  }
  Random random(1);
  for (const int64_t length : {64, 256, 512}) {
    const int calls = length == 64 ? 4 : 1;
    CUSP_RETURN_IF_ERROR(Time(runner, {0, 1, 0, 1, 0, 1}, length, calls).status());
    std::vector<double> apart;
    std::vector<double> interleaved;
    for (int trial = 0; trial < kTrials; ++trial) {
      CUSP_ASSIGN_OR_RETURN(const double one, OneAfterTheOther(runner, length, calls));
      CUSP_ASSIGN_OR_RETURN(const double other, Interleaved(runner, length, calls, random));
      apart.push_back(one);
      interleaved.push_back(other);
    }
    Print(length, "one after the other", apart);
    Print(length, "interleaved blocks", interleaved);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace cusp

int main() {
  std::printf("BERT, small (4 layers, 256 features), float32, one thread, %d samples each\n",
              cusp::kBlocks);
  const absl::Status status = cusp::Measure();
  if (!status.ok()) {
    std::fprintf(stderr, "aa_bench: %s\n", std::string(status.message()).c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
