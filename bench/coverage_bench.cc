// How often a planner's interval holds the truth, how wide it is, and how many
// timings it takes, run to the planner's own end: the table of docs/method.md.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr int kRuns = 100;

struct Case {
  std::string name;
  TrueCost baseline;
  TrueCost candidate;
  Noise noise;
  int64_t declared_quantum = 1;
  double truth = 0;  // of the persistent crossing
};

// From where on the candidate stays cheaper, to a hundredth.
double Persistent(const TrueCost& baseline, const TrueCost& candidate) {
  double last = 64;
  for (double n = 64; n < 4096; n += 0.01) {
    last = candidate(n) > baseline(n) ? n : last;
  }
  return last;
}

std::vector<Case> Cases() {
  const TrueCost quadratic = Curve(2e-3, 8e-5, 6e-8);
  const TrueCost linear = Curve(6e-3, 1e-4, 0);
  const TrueCost padded = Padded(Curve(4e-3, 1.3e-4, 0), 128);
  const TrueCost power = [](double n) { return 2e-3 + 2e-5 * std::pow(n, 1.27); };
  // Other kernels at single lengths.
  const TrueCost dented = [quadratic](double n) {
    return (n == 256 || n == 1024 ? 0.94 : 1) * quadratic(n);
  };
  std::vector<Case> cases = {
      {"smooth, 1 %", quadratic, linear, {0.01}},
      {"smooth, 3 %", quadratic, linear, {0.03}},
      {"smooth, 1 %, drift, outliers", quadratic, linear, {0.01, 0.02, 0.05, 0.3}},
      {"n^1.27, 1 %", power, Curve(6e-3, 1.05e-4, 0), {0.01}},
      {"dents of 6 %, 1 %", dented, linear, {0.01}},
      {"dents of 6 %, 3 %", dented, linear, {0.03}},
      {"pads to 128, declared, 1 %", quadratic, padded, {0.01}, 128},
      {"pads to 128, undeclared, 1 %", quadratic, padded, {0.01}},
      {"pads to 128, undeclared, 5 %", quadratic, padded, {0.05}}};
  for (Case& one : cases) {
    one.truth = Persistent(one.baseline, one.candidate);
  }
  return cases;
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void Measure(const Case& one) {
  int single = 0;
  int found = 0;
  int held = 0;
  int64_t timings = 0;
  std::vector<double> widths;
  std::vector<double> errors;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    const SimulatedRun run = Simulate({one.baseline, one.candidate},
                                      PlanTwo(64, 4096, 1, one.declared_quantum), one.noise, seed);
    const ComparisonResult& result = run.status[0].result;
    timings += run.timings;
    single += result.crossings.size() == 1 ? 1 : 0;
    if (result.persistent) {
      ++found;
      held += result.persistent->low <= one.truth && one.truth <= result.persistent->high ? 1 : 0;
      widths.push_back((result.persistent->high - result.persistent->low) / (2 * one.truth));
      errors.push_back(std::fabs(result.persistent->length / one.truth - 1));
    }
  }
  std::printf("%-30s %6.0f %5d %5d %5d %8.1f %% %8.1f %% %9.0f\n", one.name.c_str(), one.truth,
              found, single, held, 100 * MedianOf(widths), 100 * MedianOf(errors),
              static_cast<double>(timings) / kRuns);
  std::fflush(stdout);
}

void MeasureSame(double noise, double outliers) {
  int claims = 0;
  int equal = 0;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    const TrueCost cost = Curve(2e-3, 8e-5, 6e-8);
    const SimulatedRun run =
        Simulate({cost, cost}, PlanTwo(64, 4096), {noise, 0, outliers, 0.3}, seed);
    const ComparisonResult& result = run.status[0].result;
    claims += result.verdict == Verdict::kAlways || !result.crossings.empty() ? 1 : 0;
    equal += result.verdict == Verdict::kNever ? 1 : 0;
  }
  std::printf(
      "A/A, %.0f %% noise, %.0f %% outliers: %d of %d claim a difference, %d end as equal\n",
      100 * noise, 100 * outliers, claims, kRuns, equal);
  std::fflush(stdout);
}

int Main(const std::string& only) {
  std::printf("%d runs each, 64 to 4,096, precision 5 %%\n", kRuns);
  std::printf("%-30s %6s %5s %5s %5s %10s %10s %9s\n", "truth, noise", "at", "found", "one", "held",
              "±width", "error", "timings");
  for (const Case& one : Cases()) {
    if (one.name.find(only) != std::string::npos) {
      Measure(one);
    }
  }
  if (only.empty() || only == "A/A") {
    MeasureSame(0.01, 0);
    MeasureSame(0.03, 0);
    MeasureSame(0.03, 0.1);
  }
  return 0;
}

}  // namespace
}  // namespace cusp::analysis

// coverage_bench [PART-OF-A-NAME]
int main(int argc, char** argv) { return cusp::analysis::Main(argc > 1 ? argv[1] : ""); }
