// Real sweeps beside a neighbour that comes and goes: no verdict may turn wrong. The
// truth is what the same sweep says when the neighbour is away, but for the A/A pair,
// whose truth is known.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "bench/neighbour.h"
#include "catalog/job_check.h"
#include "common/clock.h"
#include "common/status_macros.h"
#include "worker/daemon/device_facts.h"
#include "worker/daemon/runner_process.h"
#include "worker/measure/noise.h"
#include "worker/measure/sweep.h"

namespace cusp {
namespace {

constexpr char kTwin[] = "bert-again";

struct Settings {
  int rounds = 4;
  int budget_seconds = 20;
  int threads = 1;
  uint64_t seed = 1;
};

class Host final : public measure::SweepHost {
 public:
  absl::Status Commit(const v1::Block& block) override {
    ++blocks;
    disturbed += measure::IsDisturbed(block) ? 1 : 0;
    return absl::OkStatus();
  }
  void Started(const runner::v1::StartResponse& /*facts*/) override {}
  void Report(const v1::SweepProgress& /*progress*/) override {}
  measure::StopRequest Stop() const override { return measure::StopRequest::kNone; }

  int blocks = 0;
  int disturbed = 0;
};

v1::VariantSpec Variant(const std::string& name, const std::string& model,
                        const std::string& config = "") {
  v1::VariantSpec variant;
  variant.set_name(name);
  variant.set_model(model);
  variant.set_config_json(config);
  return variant;
}

// bert against one that crosses it, its own copy, and one with half of its layers.
v1::JobSpec MakeSpec(const Settings& settings) {
  v1::JobSpec spec;
  spec.set_name("neighbour");
  spec.set_preset("tiny");
  *spec.add_baselines() = Variant("bert", "bert");
  *spec.add_candidates() = Variant("longformer", "longformer", R"({"attention_window": 128})");
  *spec.add_candidates() = Variant(kTwin, "bert");
  *spec.add_candidates() = Variant("bert-half", "bert", R"({"num_hidden_layers": 1})");
  spec.add_modes(v1::MODE_INFERENCE);
  spec.add_dtypes(v1::DTYPE_FLOAT32);
  spec.add_metrics(v1::METRIC_LATENCY);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(1024);
  spec.mutable_lengths()->set_quantum(64);
  spec.add_batch_sizes(1);
  spec.set_threads(settings.threads);
  spec.set_precision(0.1);
  spec.mutable_budget()->set_seconds(settings.budget_seconds);
  spec.set_seed(settings.seed);
  catalog::ApplyDefaults(spec);
  return spec;
}

struct Found {
  v1::SweepResult result;
  int blocks = 0;
  int disturbed = 0;
};

absl::StatusOr<Found> Sweep(const Settings& settings) {
  worker::RunnerProcessLauncher launcher(CUSP_BIN_DIR "/cusp-runner");
  Host host;
  const SystemClock clock;
  measure::SweepOptions options;
  options.target = {.spec = MakeSpec(settings),
                    .mode = v1::MODE_INFERENCE,
                    .dtype = v1::DTYPE_FLOAT32,
                    .device = "cpu",
                    .memory_limit_bytes = 0};
  options.blocks.noise.cpus = worker::ReadHostFacts().cpus;
  measure::SweepEnd end =
      measure::RunSweep(options, {.launcher = launcher, .host = host, .clock = clock});
  if (end.kind != measure::SweepEnd::Kind::kSucceeded) {
    return absl::InternalError("the sweep failed: " + end.failure.message());
  }
  return Found{std::move(end.result), host.blocks, host.disturbed};
}

std::string Text(const v1::Comparison& comparison) {
  std::string text = v1::Verdict_Name(comparison.verdict()).substr(sizeof("VERDICT_") - 1);
  for (const v1::Crossing& crossing : comparison.crossings()) {
    std::array<char, 100> at{};
    std::snprintf(at.data(), at.size(), " %s at %.0f (%.0f-%.0f)",
                  crossing.direction() == v1::DIRECTION_DEARER ? "dearer" : "cheaper",
                  crossing.length(), crossing.low(), crossing.high());
    text += at.data();
  }
  return text;
}

bool Meet(const v1::Crossing& a, const v1::Crossing& b) {
  return a.low() <= b.high() && b.low() <= a.high();
}

// A claim that the truth contradicts.
bool IsWrong(const v1::Comparison& found, const v1::Comparison& truth) {
  if (found.verdict() == v1::VERDICT_UNDECIDED) {
    return false;
  }
  if (found.candidate() == kTwin) {
    return found.verdict() != v1::VERDICT_NEVER;
  }
  if (found.verdict() != truth.verdict()) {
    return truth.verdict() != v1::VERDICT_UNDECIDED;
  }
  return found.has_persistent() != truth.has_persistent() ||
         (found.has_persistent() && !Meet(found.persistent(), truth.persistent()));
}

int Print(const std::string& title, const Found& found, const Found& truth) {
  std::printf("%s: %d blocks, %d of them disturbed\n", title.c_str(), found.blocks,
              found.disturbed);
  int wrong = 0;
  for (int i = 0; i < found.result.comparisons_size(); ++i) {
    const v1::Comparison& comparison = found.result.comparisons(i);
    const bool bad = IsWrong(comparison, truth.result.comparisons(i));
    wrong += bad ? 1 : 0;
    std::printf("  %-12s %s%s\n", comparison.candidate().c_str(), Text(comparison).c_str(),
                bad ? "  WRONG" : "");
  }
  const v1::SelfCheck& check = found.result.self_check();
  std::printf("  A/A check: %+.1f %% (%+.1f to %+.1f %%)%s\n", 100 * (check.median_ratio() - 1),
              100 * (check.low() - 1), 100 * (check.high() - 1),
              check.differs() ? "  DIFFERS" : "");
  std::printf("  note: %s\n", found.result.comparisons(0).note().c_str());
  std::fflush(stdout);
  return wrong;
}

absl::Status Measure(const Settings& settings, Neighbour& neighbour) {
  std::printf("seed %llu, %d thread(s), budget %d s a sweep\n",
              static_cast<unsigned long long>(settings.seed), settings.threads,
              settings.budget_seconds);
  CUSP_ASSIGN_OR_RETURN(const Found quiet, Sweep(settings));
  int wrong = Print("quiet", quiet, quiet);
  for (int round = 1; round <= settings.rounds; ++round) {
    neighbour.Come(settings.seed + static_cast<uint64_t>(round));
    const absl::StatusOr<Found> found = Sweep(settings);
    neighbour.Leave();
    CUSP_RETURN_IF_ERROR(found.status());
    wrong += Print("round " + std::to_string(round), *found, quiet);
  }
  std::printf("wrong verdicts: %d\n", wrong);
  return wrong == 0 ? absl::OkStatus() : absl::InternalError("a verdict turned wrong");
}

}  // namespace
}  // namespace cusp

int main(int argc, char** argv) {
  cusp::Settings settings;
  CLI::App app("Real sweeps beside a neighbour that comes and goes.", "neighbour_bench");
  app.add_option("--rounds", settings.rounds, "Sweeps beside it")->capture_default_str();
  app.add_option("--budget", settings.budget_seconds, "Seconds of each")->capture_default_str();
  app.add_option("--threads", settings.threads, "Of the runner")->capture_default_str();
  app.add_option("--seed", settings.seed, "Of plans and of its times")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto cpus = static_cast<int>(cusp::worker::ReadHostFacts().cpus.size());
  cusp::Neighbour neighbour(cpus);
  const absl::Status status = cusp::Measure(settings, neighbour);
  if (!status.ok()) {
    std::fprintf(stderr, "neighbour_bench: %s\n", std::string(status.message()).c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
