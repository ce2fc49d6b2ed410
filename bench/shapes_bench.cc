// How often the interval of a tipping point holds the truth on a fixed grid, as in a published
// table, whatever the shape of the costs: the table of docs/method.md.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr double kMin = 64;
constexpr double kMax = 4096;
constexpr int kOctaves = 6;
constexpr int kBlocks = 10;
constexpr double kNearlyEqual = 0.01;

struct Shape {
  std::string name;
  TrueCost baseline;
  TrueCost candidate;
  int64_t quantum = 1;  // declared, of the candidate
};

TrueCost Power(double constant, double factor, double exponent) {
  return [=](double n) { return constant + factor * std::pow(n, exponent); };
}

TrueCost LogLinear(double constant, double factor) {
  return [=](double n) { return constant + factor * n * std::log2(n); };
}

// The larger of both, as launches hide short work, with a sharp or a round corner.
TrueCost AtLeast(double floor, TrueCost cost) {
  return [=](double n) { return std::max(floor, cost(n)); };
}

TrueCost Rounded(double floor, TrueCost cost) {
  return [=](double n) { return std::hypot(floor, cost(n)); };
}

std::vector<Shape> Shapes() {
  const TrueCost quadratic = Curve(2e-3, 8e-5, 6e-8);
  const TrueCost linear = Curve(6e-3, 1e-4, 0);
  return {{"quadratic, linear", quadratic, linear},
          {"quadratic, n log n", quadratic, LogLinear(4e-3, 14.5e-6)},
          {"quadratic, n log n, early", quadratic, LogLinear(6e-3, 9e-6)},
          {"quadratic, n^0.9", quadratic, Power(6e-3, 2.2e-4, 0.9)},
          {"quadratic, n^1.27", quadratic, Power(6e-3, 1.8e-5, 1.27)},
          {"quadratic, n^1.5", Curve(2e-3, 6e-5, 8e-8), Power(5e-3, 4e-6, 1.5)},
          {"n^1.27, linear", Power(2e-3, 2e-5, 1.27), Curve(6e-3, 1.05e-4, 0)},
          {"n^1.8, linear", Power(3e-3, 4e-7, 1.8), Curve(6e-3, 4e-5, 0)},
          {"n^1.8, n^1.1", Power(1e-3, 4e-7, 1.8), Power(4e-3, 2.2e-5, 1.1)},
          {"n + n^3, linear", [](double n) { return 2e-3 + n * (8e-5 + 2e-11 * n * n); }, linear},
          {"plateaus, then as the first", AtLeast(1.2e-2, quadratic), AtLeast(2.4e-2, linear)},
          {"rounded plateaus, n log n", Rounded(1.2e-2, Curve(0, 8e-5, 6e-8)),
           Rounded(2.4e-2, LogLinear(0, 12e-6))},
          {"quadratic, linear by 64", quadratic, Padded(linear, 64), 64},
          {"quadratic, n log n by 64", quadratic, Padded(LogLinear(4e-3, 14.5e-6), 64), 64},
          {"quadratic, n log n by 256", quadratic, Padded(LogLinear(4e-3, 14.5e-6), 256), 256}};
}

// The last length at which the candidate is dearer by more than `margin`.
double LastDearer(const Shape& shape, double margin) {
  constexpr double kStep = 0.1;
  double last = kMin;
  for (double n = kMin; n <= kMax; n += kStep) {
    last = shape.candidate(n) > (1 + margin) * shape.baseline(n) ? n : last;
  }
  return last;
}

std::vector<int64_t> Grid(int per_octave) {
  std::vector<int64_t> lengths;
  for (int i = 0; i <= kOctaves * per_octave; ++i) {
    lengths.push_back(std::llround(kMin * std::exp2(static_cast<double>(i) / per_octave)));
  }
  return lengths;
}

struct Score {
  int found = 0;  // runs that say from where the candidate stays cheaper
  int held = 0;   // and an interval that holds the truth
  double half_width = 0;
};

Score Measure(const Shape& shape, int per_octave, double noise, int runs) {
  const double truth = LastDearer(shape, 0);
  // Behind it the candidate is dearer by so little that any answer is right.
  const double right_from = shape.quantum > 1 ? LastDearer(shape, kNearlyEqual) : truth;
  CompareOptions options;
  options.candidate_padding.quantum = shape.quantum;
  Score score;
  std::vector<double> widths;
  for (int run = 1; run <= runs; ++run) {
    const ComparisonResult result =
        Compare(SampleGrid({shape.baseline, shape.candidate}, Grid(per_octave), kBlocks, {noise},
                           static_cast<uint64_t>(run)),
                options);
    if (!result.persistent) {
      continue;
    }
    const Crossing& crossing = *result.persistent;
    ++score.found;
    score.held += crossing.low <= truth && right_from <= crossing.high ? 1 : 0;
    widths.push_back((crossing.high - crossing.low) / (2 * truth));
  }
  std::sort(widths.begin(), widths.end());
  score.half_width = widths.empty() ? 0 : widths[widths.size() / 2];
  return score;
}

int Main(int runs, const std::string& only) {
  std::printf(
      "%d runs each, %.0f to %.0f, %d blocks a length; of runs with a tipping point, per cent "
      "whose\n"
      "interval holds the truth at 0.5, 2 and 5 %% noise, and the median half-width at 2 %%\n",
      runs, kMin, kMax, kBlocks);
  std::printf("%-30s %6s", "baseline, candidate", "at");
  for (const int per_octave : {1, 2, 8}) {
    std::printf(" | %15d lengths   ", kOctaves * per_octave + 1);
  }
  std::printf("| runs with it\n");
  for (const Shape& shape : Shapes()) {
    if (shape.name.find(only) == std::string::npos) {
      continue;
    }
    std::printf("%-30s %6.0f", shape.name.c_str(), LastDearer(shape, 0));
    int found = 0;
    for (const int per_octave : {1, 2, 8}) {
      double half_width = 0;
      std::printf(" |");
      for (const double noise : {0.005, 0.02, 0.05}) {
        const Score score = Measure(shape, per_octave, noise, runs);
        found += score.found;
        half_width = noise == 0.02 ? score.half_width : half_width;
        std::printf(" %5.1f", 100.0 * score.held / std::max(1, score.found));
        std::fflush(stdout);
      }
      std::printf(" ±%4.1f", 100 * half_width);
    }
    std::printf(" | %.0f %%\n", 100.0 * found / (9.0 * runs));
  }
  return 0;
}

}  // namespace
}  // namespace cusp::analysis

// shapes_bench [RUNS [PART-OF-A-NAME]]
int main(int argc, char** argv) {
  return cusp::analysis::Main(argc > 1 ? std::max(1, std::atoi(argv[1])) : 200,
                              argc > 2 ? argv[2] : "");
}
