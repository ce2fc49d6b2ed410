// What a planner finds in a fixed time on simulated machines of known truth: how
// often it ends undecided, how wide its intervals are, how often it is wrong.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <set>
#include <utility>
#include <vector>

#include "analysis/planner.h"
#include "common/random.h"

namespace cusp::analysis {
namespace {

constexpr double kBudget = 36;  // seconds of a quickstart that are left for latency
constexpr double kSampleSeconds = 20e-3;
constexpr int kWarmUpCalls = 2;
constexpr int kRuns = 60;
constexpr double kLongest = 2048;
constexpr double kQuantum = 64;  // of the lengths that are measured
constexpr size_t kPadded = 2;    // the candidate that pads, to
constexpr double kWindow = 128;

// Costs like those of examples/quickstart.yaml: two baselines, three candidates.
double Truth(size_t variant, double n) {
  switch (variant) {
    case 0:
      return 3e-3 + n * (6e-5 + n * 8e-8);
    case 1:
      return 4e-3 + n * (5.5e-5 + n * 2.2e-8);
    case kPadded:
      return 9e-3 + std::ceil(n / kWindow) * kWindow * 7e-5;
    case 3:
      return 1.1e-2 + n * 8.3e-5;
    default:
      return 7e-3 + n * 7.8e-5;
  }
}

// Where the candidate turns cheaper for good. Of one that pads, the neighbours among
// the lengths that are measured: between them it jumps.
std::pair<double, double> TrueCrossing(size_t baseline, size_t candidate) {
  const double step = candidate == kPadded ? kQuantum : 1e-3;
  double dearer = kLongest;
  while (dearer > step && Truth(candidate, dearer) < Truth(baseline, dearer)) {
    dearer -= step;
  }
  return {dearer, dearer + step};
}

// A machine whose noise has heavy tails (Student's t with four degrees of
// freedom), lasts (each block shares a level with the one before), and is twice
// as strong for short samples.
class Machine {
 public:
  Machine(double noise, bool same, uint64_t seed) : noise_(noise), same_(same), random_(seed) {}

  MeasuredBlock Measure(const PlannedBlock& planned) {
    MeasuredBlock block;
    block.length = planned.length;
    const auto length = static_cast<double>(planned.length);
    level_ = 0.7 * level_ + noise_ * Normal();
    for (const size_t variant : planned.variants) {
      double& lasting = lasting_[variant];
      lasting = 0.5 * lasting + 0.5 * noise_ * HeavyTailed();
      const double truth = Truth(same_ ? 0 : variant, length);
      const double own = noise_ * (truth < kSampleSeconds ? 1.2 : 0.6) * HeavyTailed();
      block.costs.push_back({variant, truth * std::exp(level_ + lasting + own)});
      seconds_ += std::max(truth, kSampleSeconds);
      if (warm_.insert({variant, planned.length}).second) {
        seconds_ += kWarmUpCalls * truth;
      }
    }
    timings_ += static_cast<int64_t>(planned.variants.size());
    return block;
  }

  double seconds() const { return seconds_; }
  int64_t timings() const { return timings_; }

 private:
  double Normal() {
    const double radius = std::sqrt(-2 * std::log(1 - random_.Uniform()));
    return radius * std::cos(6.283185307179586 * random_.Uniform());
  }

  // Scaled to the variance of a normal one.
  double HeavyTailed() {
    double squares = 0;
    for (int i = 0; i < 4; ++i) {
      const double z = Normal();
      squares += z * z;
    }
    return Normal() / std::sqrt(squares / 4) / std::sqrt(2.0);
  }

  double noise_;
  bool same_;
  Random random_;
  double level_ = 0;
  std::array<double, 5> lasting_{};
  std::set<std::pair<size_t, int64_t>> warm_;
  double seconds_ = 0;
  int64_t timings_ = 0;
};

struct Tally {
  int comparisons = 0;
  int undecided = 0;
  int single = 0;
  int wrong = 0;   // verdicts
  int missed = 0;  // intervals of single crossings without the truth
  std::vector<double> half_widths;
  double seconds = 0;
  double timings = 0;
};

PlanOptions Quickstart(uint64_t seed) {
  PlanOptions options;
  options.paddings.resize(5);
  options.paddings[2].quantum = static_cast<int64_t>(kWindow);
  for (const size_t baseline : {0U, 1U}) {
    for (const size_t candidate : {2U, 3U, 4U}) {
      options.comparisons.emplace_back(baseline, candidate);
    }
  }
  options.min_length = 64;
  options.max_length = static_cast<int64_t>(kLongest);
  options.quantum = static_cast<int64_t>(kQuantum);
  options.precision = 0.1;
  options.seed = seed;
  return options;
}

void Count(const ComparisonResult& result, const std::pair<double, double>& truth, bool same,
           Tally& tally) {
  ++tally.comparisons;
  tally.undecided += result.verdict == Verdict::kUndecided ? 1 : 0;
  if (same) {
    tally.wrong += result.verdict == Verdict::kAlways || !result.crossings.empty() ? 1 : 0;
    return;
  }
  if (result.verdict == Verdict::kAlways || result.verdict == Verdict::kNever) {
    ++tally.wrong;
  }
  if (result.crossings.size() == 1) {
    const Crossing& crossing = result.crossings[0];
    ++tally.single;
    tally.missed += truth.second < crossing.low || truth.first > crossing.high ? 1 : 0;
    tally.half_widths.push_back((crossing.high - crossing.low) / (2 * crossing.length));
  }
}

Tally Simulate(double noise, bool same) {
  Tally tally;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    const PlanOptions options = Quickstart(seed);
    Machine machine(noise, same, seed);
    Planner planner(options);
    while (const auto next = planner.Next()) {
      if (machine.seconds() >= kBudget) {
        break;
      }
      planner.Add(machine.Measure(*next));
    }
    const auto status = planner.Status();
    for (size_t i = 0; i < status.size(); ++i) {
      const auto [baseline, candidate] = options.comparisons[i];
      Count(status[i].result, TrueCrossing(baseline, candidate), same, tally);
    }
    tally.seconds += machine.seconds() / kRuns;
    tally.timings += static_cast<double>(machine.timings()) / kRuns;
  }
  return tally;
}

void Print(const char* truth, double noise, Tally tally) {
  std::sort(tally.half_widths.begin(), tally.half_widths.end());
  const auto share = [&](int count) { return 100.0 * count / tally.comparisons; };
  std::printf("%-10s %5.0f %% %9.1f %% %9.1f %% %7.1f %% %7.1f %%", truth, 100 * noise,
              share(tally.undecided), share(tally.single), share(tally.wrong), share(tally.missed));
  if (tally.half_widths.empty()) {
    std::printf(" %12s", "-");
  } else {
    const size_t n = tally.half_widths.size();
    std::printf("  %4.1f / %4.0f %%", 100 * tally.half_widths[n / 2],
                100 * tally.half_widths[n * 9 / 10]);
  }
  std::printf(" %9.0f %8.1f\n", tally.timings, tally.seconds);
  std::fflush(stdout);
}

int Main() {
  std::printf("%-10s %7s %11s %11s %9s %9s %14s %9s %8s\n", "truth", "noise", "undecided",
              "one cross", "wrong", "missed", "±width 50/90", "timings", "seconds");
  for (const double noise : {0.01, 0.05, 0.10, 0.20}) {
    Print("crossings", noise, Simulate(noise, false));
  }
  for (const double noise : {0.01, 0.05, 0.10, 0.20}) {
    Print("A/A", noise, Simulate(noise, true));
  }
  return 0;
}

}  // namespace
}  // namespace cusp::analysis

int main() { return cusp::analysis::Main(); }
