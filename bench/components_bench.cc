// Where a model's time goes, by component: a real cusp-runner tells the parts of steps
// apart, beside as many steps timed as a whole. Prints each part's share, the sum of
// the parts, the whole, and how far the two lie apart.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "bench/runner_conversation.h"
#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp {
namespace {

constexpr int kMaxPairs = 200;
constexpr int kMaxWarmUps = 10;
constexpr double kLimit = 0.05;

struct Plan {
  std::vector<std::string> models;
  std::string preset = "small";
  std::string mode = "inference";
  std::string device = "cpu";
  std::vector<int64_t> lengths;  // empty: those of the modality
  int rounds = 9;
  int round_ms = 40;  // parts and wholes together, at least
  int threads = 1;
};

std::vector<int64_t> LengthsOf(const Plan& plan, catalog::Modality modality) {
  if (!plan.lengths.empty()) {
    return plan.lengths;
  }
  switch (modality) {
    case catalog::Modality::kText:
      return {128, 512, 2048};
    case catalog::Modality::kSpeech:
      return {16'000, 64'000, 160'000};
    case catalog::Modality::kVision:
      break;
  }
  return {64, 224, 512};
}

// One round: every pair of a request, in nanoseconds a step.
struct Round {
  std::map<std::string, double> parts;
  double sum = 0;
  double whole = 0;
};

absl::StatusOr<Round> Measure(RunnerConversation& runner, int64_t length, int pairs) {
  runner::v1::Request request;
  runner::v1::Step& step = *request.mutable_components()->mutable_step();
  step.set_length(length);
  step.set_batch_size(1);
  step.set_calls(pairs);
  CUSP_ASSIGN_OR_RETURN(const runner::v1::Response response, runner.Call(request));
  if (response.components().has_failure()) {
    return absl::InternalError(response.components().failure().message());
  }
  Round round;
  for (const runner::v1::PartTime& part : response.components().parts()) {
    const double ns = static_cast<double>(part.duration_ns()) / pairs;
    round.parts[part.name()] = ns;
    round.sum += ns;
  }
  round.whole = static_cast<double>(response.components().whole_ns()) / pairs;
  return round;
}

// Runs pairs until they get no faster; how many of them a round takes. Even, so that
// either kind goes first as often.
absl::StatusOr<int> WarmUp(RunnerConversation& runner, int64_t length, int round_ms) {
  double fastest = HUGE_VAL;
  for (int i = 0; i < kMaxWarmUps; ++i) {
    CUSP_ASSIGN_OR_RETURN(const Round round, Measure(runner, length, 2));
    const double pair = round.sum + round.whole;
    if (i > 1 && pair > 0.98 * fastest) {
      break;
    }
    fastest = std::min(fastest, pair);
  }
  const double pairs = round_ms * 1e6 / fastest;
  return 2 * std::clamp(static_cast<int>(std::ceil(pairs / 2)), 1, kMaxPairs / 2);
}

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
}

// Names in the order of the columns.
std::vector<std::string> PartNames(const std::string& mode) {
  std::vector<std::string> names;
  for (size_t i = 0; i < catalog::kComponents; ++i) {
    names.emplace_back(ToText(static_cast<catalog::Component>(i)));
  }
  if (mode == "training") {
    names.insert(names.end(), {"loss", "backward", "optimizer"});
  }
  return names;
}

// Columns are as wide as their heads.
void PrintHead(const std::vector<std::string>& names) {
  std::string line = "| model                 |  length |";
  std::string rule = "|---|---|";
  for (const std::string& name : names) {
    line += " " + name + " |";
    rule += "---|";
  }
  std::printf("%s   sum ms | whole ms | sum / whole - 1 (quartiles) |\n%s---|---|---|\n",
              line.c_str(), rule.c_str());
}

// The difference's median.
double PrintRow(const std::string& model, int64_t length, const std::vector<std::string>& names,
                const std::vector<Round>& rounds) {
  std::map<std::string, double> parts;
  std::vector<double> sums;
  std::vector<double> wholes;
  std::vector<double> differences;
  double total = 0;
  for (const Round& round : rounds) {
    for (const auto& [name, ns] : round.parts) {
      parts[name] += ns;
    }
    total += round.sum;
    sums.push_back(round.sum);
    wholes.push_back(round.whole);
    differences.push_back(round.sum / round.whole - 1);
  }
  std::printf("| %-21s | %7lld |", model.c_str(), static_cast<long long>(length));
  for (const std::string& name : names) {
    const int width = static_cast<int>(name.size());
    if (parts.contains(name)) {
      std::printf(" %*.1f |", width, 100 * parts[name] / total);
    } else {
      std::printf(" %*s |", width, "");
    }
  }
  const double median = Quantile(differences, 0.5);
  std::printf(" %8.3f | %8.3f | %+7.2f %% (%+6.2f to %+6.2f) |\n", Quantile(sums, 0) / 1e6,
              Quantile(wholes, 0) / 1e6, 100 * median, 100 * Quantile(differences, 0.25),
              100 * Quantile(differences, 0.75));
  std::fflush(stdout);
  return median;
}

absl::Status Build(RunnerConversation& runner, const Plan& plan, const catalog::Model& model,
                   int64_t longest) {
  catalog::ConfigRequest wanted;
  wanted.model = &model;
  wanted.preset = catalog::FindPreset(plan.preset);
  wanted.longest_length = longest;
  const catalog::ConfigOutcome outcome = catalog::CompleteConfigOf(wanted);
  if (!outcome.faults.empty()) {
    return absl::InvalidArgumentError(outcome.faults.front().fault.message);
  }
  runner::v1::Request request;
  runner::v1::BuildRequest& build = *request.mutable_build();
  build.set_config_json(outcome.config.json);
  build.set_attention("eager");
  build.set_dtype("float32");
  build.set_mode(plan.mode);
  build.set_seed(1);
  return runner.Call(request).status();
}

// Differences of every length, appended.
absl::Status MeasureModel(RunnerConversation& runner, const Plan& plan, const catalog::Model& model,
                          std::vector<double>& differences) {
  const std::vector<int64_t> lengths = LengthsOf(plan, model.modality);
  CUSP_RETURN_IF_ERROR(
      Build(runner, plan, model, *std::max_element(lengths.begin(), lengths.end())));
  const std::string name(model.name);
  for (const int64_t length : lengths) {
    CUSP_ASSIGN_OR_RETURN(const int pairs, WarmUp(runner, length, plan.round_ms));
    std::vector<Round> rounds;
    for (int i = 0; i < plan.rounds; ++i) {
      CUSP_ASSIGN_OR_RETURN(rounds.emplace_back(), Measure(runner, length, pairs));
    }
    differences.push_back(PrintRow(name, length, PartNames(plan.mode), rounds));
  }
  runner::v1::Request drop;
  drop.mutable_drop();
  return runner.Call(drop).status();
}

absl::Status Bench(const Plan& plan) {
  CUSP_ASSIGN_OR_RETURN(RunnerConversation runner,
                        RunnerConversation::Start(plan.threads, plan.device));
  const runner::v1::StartResponse& facts = runner.facts();
  std::printf(
      "%s (%s), %d threads, LibTorch %s; preset %s, %s, float32, eager attention, batch 1.\n"
      "%d rounds of at least %d ms: a step whose parts are timed beside one timed as a whole,\n"
      "first and second in turns. Shares are per cent of the sum, over all rounds; sum and whole\n"
      "are those of the fastest rounds, in milliseconds a step; the difference is taken within\n"
      "each round.\n\n",
      facts.device_class().c_str(), facts.device().c_str(), facts.threads(),
      facts.torch_version().c_str(), plan.preset.c_str(), plan.mode.c_str(), plan.rounds,
      plan.round_ms);
  PrintHead(PartNames(plan.mode));
  std::vector<double> differences;
  for (const catalog::Model& model : catalog::Models()) {
    const bool wanted = plan.models.empty() || std::find(plan.models.begin(), plan.models.end(),
                                                         model.name) != plan.models.end();
    if (wanted) {
      CUSP_RETURN_IF_ERROR(
          Annotate(MeasureModel(runner, plan, model, differences), std::string(model.name)));
    }
  }
  const auto within = std::count_if(differences.begin(), differences.end(), [](double difference) {
    return std::fabs(difference) <= kLimit;
  });
  std::printf("\nWithin %.0f %%: %td of %zu; the median difference is %+.2f %%.\n", 100 * kLimit,
              within, differences.size(), 100 * Quantile(differences, 0.5));
  return absl::OkStatus();
}

std::vector<std::string> ModelNames() {
  std::vector<std::string> names;
  for (const catalog::Model& model : catalog::Models()) {
    names.emplace_back(model.name);
  }
  return names;
}

}  // namespace
}  // namespace cusp

int main(int argc, char** argv) {
  CLI::App app("Where the time of each model goes, by component", "components_bench");
  cusp::Plan plan;
  app.add_option("models", plan.models, "Which models; all unless named")
      ->check(CLI::IsMember(cusp::ModelNames()));
  app.add_option("--preset", plan.preset, "Their shape")
      ->check(CLI::IsMember({"tiny", "small", "base", "large"}))
      ->capture_default_str();
  app.add_option("--mode", plan.mode, "What is run")
      ->check(CLI::IsMember({"inference", "training"}))
      ->capture_default_str();
  app.add_option("--lengths", plan.lengths, "In the models' unit; a few of it unless given")
      ->check(CLI::PositiveNumber)
      ->delimiter(',');
  app.add_option("--rounds", plan.rounds, "Rounds; a difference is taken within each")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--round-ms", plan.round_ms, "How long a round lasts at least")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--threads", plan.threads, "Threads of the runner")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--device", plan.device, "cpu or cuda:0")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = cusp::Bench(plan);
  if (!status.ok()) {
    std::fprintf(stderr, "components_bench: %s\n", std::string(status.message()).c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
