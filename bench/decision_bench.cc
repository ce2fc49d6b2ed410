// What one decision of a planner costs once a sweep has many samples: taking a block and choosing
// the next one. Beside it everybody's status, which a worker asks for every two seconds. In CPU
// time, so that others on the machine do not count.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr int kDecisions = 200;

struct Sweep {
  const char* name;
  std::vector<TrueCost> variants;
  std::vector<std::pair<size_t, size_t>> comparisons;
  std::vector<Padding> paddings;
  double noise = 0;
};

std::vector<Sweep> Sweeps() {
  const TrueCost quadratic = Curve(2e-3, 8e-5, 6e-8);
  const TrueCost linear = Curve(6e-3, 1e-4, 0);
  const TrueCost tiled = Padded(Curve(4e-3, 1.3e-4, 0), 128);
  return {{"one comparison, smooth, 10 %", {quadratic, linear}, {{0, 1}}, {{}, {}}, 0.10},
          {"one comparison, tiles of 128, 3 %", {quadratic, tiled}, {{0, 1}}, {{}, {128}}, 0.03},
          {"the same, undeclared", {quadratic, tiled}, {{0, 1}}, {{}, {}}, 0.03},
          {"two against three, 10 %",
           {quadratic, Curve(3e-3, 8e-5, 4e-8), linear, tiled, Curve(5e-3, 1.05e-4, 0)},
           {{0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 4}},
           {{}, {}, {}, {128}, {}},
           0.10}};
}

double CpuMilliseconds() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// So many samples that a planner chose, and the decisions that follow; where it had ended by
// then, what is lacking again at the same lengths.
void Measure(const Sweep& sweep, int64_t samples) {
  PlanOptions options;
  options.paddings = sweep.paddings;
  options.comparisons = sweep.comparisons;
  options.min_length = 64;
  options.max_length = 4096;
  const SimulatedRun run = Simulate(sweep.variants, options, {sweep.noise}, 1);
  SimulatedDevice device(sweep.variants, {sweep.noise}, 2);
  Planner planner(options);
  int64_t fed = 0;
  auto next_block = [&, next = size_t{0}]() mutable {
    const MeasuredBlock& chosen = run.blocks[next % run.blocks.size()];
    if (next++ < run.blocks.size()) {
      return chosen;
    }
    PlannedBlock planned{chosen.length, {}};
    for (size_t variant = 0; variant < sweep.variants.size(); ++variant) {
      planned.variants.push_back(variant);
    }
    return device.Measure(planned);
  };
  while (fed < samples) {
    const MeasuredBlock block = next_block();
    planner.Add(block);
    fed += static_cast<int64_t>(block.costs.size());
  }
  (void)planner.Next();
  std::vector<double> times;
  std::vector<double> statuses;
  for (int i = 0; i < kDecisions; ++i) {
    const MeasuredBlock block = next_block();
    const double start = CpuMilliseconds();
    planner.Add(block);
    (void)planner.Next();
    const double decided = CpuMilliseconds();
    (void)planner.Status();
    times.push_back(decided - start);
    statuses.push_back(CpuMilliseconds() - decided);
  }
  std::sort(times.begin(), times.end());
  std::sort(statuses.begin(), statuses.end());
  std::printf("%-36s %6lld of %6lld samples: median %.2f ms, worst %.2f ms; status %.2f ms\n",
              sweep.name, static_cast<long long>(fed), static_cast<long long>(run.timings),
              times[times.size() / 2], times.back(), statuses[statuses.size() / 2]);
  std::fflush(stdout);
}

int Main() {
  for (const Sweep& sweep : Sweeps()) {
    for (const int64_t samples : {1000, 10000}) {
      Measure(sweep, samples);
    }
  }
  return 0;
}

}  // namespace
}  // namespace cusp::analysis

int main() { return cusp::analysis::Main(); }
