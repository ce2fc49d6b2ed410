// Pairs of synthetic costs with everything that is true of their order.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/comparison.h"
#include "tests/analysis/simulation.h"

namespace cusp::analysis {

inline constexpr int64_t kTruthMin = 64;
inline constexpr int64_t kTruthMax = 4096;
inline constexpr int64_t kTruthStep = 16;  // of a full grid

struct Truth {
  std::string name;
  TrueCost baseline;
  TrueCost candidate;
  Noise noise;
  PairPadding declared = {};
};

// A change of order between two lengths of the full grid, as far as costs differ by more
// than what counts as equal.
struct TrueChange {
  int64_t before = 0;
  int64_t after = 0;
  Direction direction = Direction::kCheaper;
};

struct TrueAnswer {
  std::vector<double> moments;      // every length where the order changes, however little
  std::vector<TrueChange> changes;  // those that count
  // From where the candidate stays cheaper, however little dearer it was before.
  std::optional<double> persistent;
  // The last length of the full grid at which it is dearer by more than equal. Any claim
  // between the two is right.
  double last_dearer = 0;
  bool cheaper_somewhere = false;  // by more than equal, on the full grid
  bool dearer_somewhere = false;
};

inline double TrueLogRatio(const Truth& truth, double n) {
  const double candidate = truth.candidate(n);
  const double baseline = truth.baseline(n);
  return std::isinf(candidate) && std::isinf(baseline) ? 0 : std::log(candidate / baseline);
}

inline TrueAnswer Answer(const Truth& truth) {
  constexpr double kFine = 0.05;
  constexpr double kEqual = 0.01;
  TrueAnswer answer;
  double last = TrueLogRatio(truth, kTruthMin);
  for (double n = kTruthMin + kFine; n <= kTruthMax; n += kFine) {
    const double now = TrueLogRatio(truth, n);
    if (now != 0 && (now < 0) != (last < 0)) {
      answer.moments.push_back(n);
      answer.persistent = now < 0 ? std::optional(n) : std::nullopt;
    }
    last = now != 0 ? now : last;
  }
  int64_t before = 0;
  bool was_cheaper = false;
  for (int64_t n = kTruthMin; n <= kTruthMax; n += kTruthStep) {
    const double ratio = TrueLogRatio(truth, static_cast<double>(n));
    if (std::fabs(ratio) <= kEqual) {
      continue;
    }
    const bool cheaper = ratio < 0;
    answer.cheaper_somewhere = answer.cheaper_somewhere || cheaper;
    answer.dearer_somewhere = answer.dearer_somewhere || !cheaper;
    answer.last_dearer = cheaper ? answer.last_dearer : static_cast<double>(n);
    if (before != 0 && cheaper != was_cheaper) {
      answer.changes.push_back({before, n, cheaper ? Direction::kCheaper : Direction::kDearer});
    }
    before = n;
    was_cheaper = cheaper;
  }
  return answer;
}

// What a claim about the order says that is not so.
inline bool IsWrong(const ComparisonResult& result, const TrueAnswer& answer) {
  if (result.verdict == Verdict::kAlways && answer.dearer_somewhere) {
    return true;
  }
  if (result.verdict == Verdict::kNever && answer.cheaper_somewhere) {
    return true;
  }
  // A crossing where none is near: its bracket holds no change of order at all.
  return std::any_of(
      result.brackets.begin(), result.brackets.end(), [&answer](const auto& bracket) {
        return std::none_of(answer.moments.begin(), answer.moments.end(), [&](double moment) {
          return moment >= static_cast<double>(bracket.first) &&
                 moment <= static_cast<double>(bracket.second);
        });
      });
}

inline std::vector<Truth> Truths() {
  const TrueCost quadratic = Curve(2e-3, 8e-5, 6e-8);
  const TrueCost linear = Curve(6e-3, 1e-4, 0);
  const TrueCost lower = Curve(4e-3, 1.3e-4, 0);
  const auto plateau = [](TrueCost cost, double least) {
    return TrueCost([=](double n) { return std::max(least, cost(n)); });
  };
  std::vector<Truth> truths = {
      {"smooth, 1 %", quadratic, linear, {0.01}},
      {"smooth, 3 %", quadratic, linear, {0.03}},
      {"smooth, 10 %", quadratic, linear, {0.10}},
      {"smooth, 1 %, strong drift", quadratic, linear, {0.01, 0.02}},
      {"smooth, 1 %, 10 % outliers", quadratic, linear, {0.01, 0, 0.10, 0.3}},
      {"launch-bound below 300, 1 %", plateau(quadratic, 30e-3), plateau(linear, 36e-3), {0.01}},
      {"two crossings, 1 %",
       quadratic,
       [quadratic](double n) {
         return quadratic(n) * std::exp(0.1 * (std::pow(std::log(n / 512) / 1.2, 2) - 1));
       },
       {0.01}},
      {"three crossings, 1 %",
       quadratic,
       [quadratic](double n) {
         return quadratic(n) *
                std::exp(0.12 * std::cos(2.2 * std::log(n / 64)) - 0.03 * std::log(n / 512));
       },
       {0.01}},
      {"touching at 1,000, 1 %",
       quadratic,
       [quadratic](double n) { return quadratic(n) * (1 + 0.1 * std::pow(std::log(n / 1000), 2)); },
       {0.01}},
      {"never, by 5 %, 3 %",
       quadratic,
       [quadratic](double n) { return 1.05 * quadratic(n); },
       {0.03}},
      {"equal, 3 %", quadratic, quadratic, {0.03}},
      {"baseline out of memory from 2,000",
       OutOfMemoryFrom(quadratic, 2000),
       Curve(6e-3, 3e-4, 1e-8),
       {0.01}},
  };
  for (const int64_t tile : {16, 32, 64, 128, 256, 512}) {
    const std::string name = "tiles of " + std::to_string(tile);
    const TrueCost tiled = Padded(lower, static_cast<double>(tile));
    truths.push_back({name + ", declared, 1 %", quadratic, tiled, {0.01}, {{}, {tile}}});
    truths.push_back({name + ", undeclared, 1 %", quadratic, tiled, {0.01}});
  }
  return truths;
}

}  // namespace cusp::analysis
