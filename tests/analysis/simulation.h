// Synthetic costs with a known truth, and a planner run on them without a clock.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "analysis/planner.h"
#include "common/random.h"

namespace cusp::analysis {

// True cost in seconds at a length; infinity: out of memory.
using TrueCost = std::function<double(double)>;

inline TrueCost Curve(double a, double b, double c) {
  return [=](double n) { return a + n * (b + n * c); };
}

// The curve of a model that pads its input to a multiple of `quantum`.
inline TrueCost Padded(TrueCost curve, double quantum) {
  return [=](double n) { return curve(std::ceil(n / quantum) * quantum); };
}

inline TrueCost OutOfMemoryFrom(TrueCost curve, double length) {
  return [=](double n) { return n >= length ? std::numeric_limits<double>::infinity() : curve(n); };
}

struct Noise {
  double sigma = 0.01;          // of the log of each value
  double drift = 0.0;           // step of a random walk shared by a block
  double outlier_share = 0.0;   // values that are too high
  double outlier_height = 0.3;  // their mean excess
  bool heavy_tails = false;     // Student's t with four degrees of freedom, of variance sigma²
};

// Draws measurements of several variants.
class SimulatedDevice {
 public:
  SimulatedDevice(std::vector<TrueCost> variants, Noise noise, uint64_t seed)
      : variants_(std::move(variants)), noise_(noise), random_(seed) {}

  MeasuredBlock Measure(const PlannedBlock& planned) {
    level_ += noise_.drift * Normal();
    MeasuredBlock block;
    block.length = planned.length;
    for (const size_t variant : planned.variants) {
      const double truth = variants_[variant](static_cast<double>(planned.length));
      const double own = noise_.heavy_tails ? HeavyTailed() : Normal();
      double factor = std::exp(noise_.sigma * own + level_);
      if (random_.Uniform() < noise_.outlier_share) {
        factor *= 1 - noise_.outlier_height * std::log(1 - random_.Uniform());
      }
      block.costs.push_back({variant, truth * factor});
      ++timings_;
      seconds_ += std::isinf(truth) ? 0 : truth;
    }
    return block;
  }

  int64_t timings() const { return timings_; }
  double seconds() const { return seconds_; }

  double Normal() {
    const double radius = std::sqrt(-2 * std::log(1 - random_.Uniform()));
    return radius * std::cos(6.283185307179586 * random_.Uniform());
  }

 private:
  double HeavyTailed() {
    double squares = 0;
    for (int i = 0; i < 4; ++i) {
      squares += std::pow(Normal(), 2);
    }
    return Normal() / std::sqrt(squares / 2);
  }

  std::vector<TrueCost> variants_;
  Noise noise_;
  Random random_;
  double level_ = 0;
  int64_t timings_ = 0;
  double seconds_ = 0;
};

struct SimulatedRun {
  std::vector<ComparisonStatus> status;
  std::vector<MeasuredBlock> blocks;
  int64_t timings = 0;
  double seconds = 0;
};

// Runs a planner to its end, or to `max_blocks` blocks.
inline SimulatedRun Simulate(const std::vector<TrueCost>& variants, const PlanOptions& options,
                             Noise noise, uint64_t seed, size_t max_blocks = 20000) {
  SimulatedDevice device(variants, noise, seed);
  Planner planner(options);
  SimulatedRun run;
  while (run.blocks.size() < max_blocks) {
    const auto next = planner.Next();
    if (!next) {
      break;
    }
    run.blocks.push_back(device.Measure(*next));
    planner.Add(run.blocks.back());
  }
  run.status = planner.Status();
  run.timings = device.timings();
  run.seconds = device.seconds();
  return run;
}

// Two variants, the second compared with the first.
inline PlanOptions PlanTwo(int64_t min, int64_t max, int64_t baseline_quantum = 1,
                           int64_t candidate_quantum = 1) {
  PlanOptions options;
  options.paddings = {{baseline_quantum}, {candidate_quantum}};
  options.comparisons = {{0, 1}};
  options.min_length = min;
  options.max_length = max;
  return options;
}

// Blocks of two variants on given lengths, without a planner.
inline std::vector<LengthData> SampleGrid(const std::vector<TrueCost>& variants,
                                          const std::vector<int64_t>& lengths, int blocks,
                                          Noise noise, uint64_t seed) {
  SimulatedDevice device(variants, noise, seed);
  std::vector<LengthData> data;
  for (const int64_t length : lengths) {
    data.push_back({length, {}});
  }
  for (int block = 0; block < blocks; ++block) {
    for (LengthData& at : data) {
      const MeasuredBlock measured = device.Measure({at.length, {0, 1}});
      at.pairs.push_back({measured.costs[0].cost, measured.costs[1].cost});
    }
  }
  return data;
}

}  // namespace cusp::analysis
