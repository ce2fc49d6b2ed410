// What is known of one comparison, for those who choose its next lengths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/refine.h"

namespace cusp::analysis {

// log(candidate / baseline) of the blocks in which both fitted into memory.
std::vector<double> FiniteLogRatios(const LengthData& at);

// Blocks that make the sign sure, about, where their log-ratios scatter by `deviation` around
// `effect`.
double BlocksForSign(double deviation, double effect);

// The data of one comparison beside its result so far. Immutable; what it is
// made of must outlive it.
class ComparisonView {
 public:
  ComparisonView(const std::vector<LengthData>& data, const std::vector<int64_t>& barred,
                 const RefineOptions& options);

  const RefineOptions& options() const { return options_; }
  const ComparisonResult& result() const { return result_; }
  const std::vector<LengthData>& data() const { return data_; }
  const std::vector<int64_t>& barred() const { return barred_; }
  // Measured lengths, ascending.
  const std::map<int64_t, const LengthData*>& by_length() const { return by_length_; }

  // Null where nothing was measured.
  const LengthData* At(int64_t length) const;
  int Blocks(int64_t length) const;
  bool Barred(int64_t length) const;
  bool OnGrid(int64_t length) const;
  // Measured, and its sign is not sure.
  bool Unclear(int64_t length) const;
  // Measured, and surely cheaper (-1) or dearer (1); else 0.
  int SureSign(int64_t length) const;
  // No more blocks are allowed there.
  bool AtLimit(int64_t length) const;

  // Signs of the log-ratio at the nearest sure lengths below and above it: -1 or 1; 0 where
  // there is none.
  std::pair<int, int> SignsAround(int64_t length) const;

  // The nearest sure lengths on both sides have the same sign, and the median
  // ratio here has it too: nothing suggests a change of order.
  bool AgreesAround(int64_t length) const;

  // Index of the crossing whose bracket holds the length, ends left out.
  std::optional<size_t> BracketAround(int64_t length) const;

  // Strictly between both: barred lengths, and those that have given all they
  // can. Ascending.
  std::vector<int64_t> Spent(int64_t low, int64_t high) const;

 private:
  const std::vector<LengthData>& data_;
  const std::vector<int64_t>& barred_;
  const RefineOptions& options_;
  std::map<int64_t, const LengthData*> by_length_;
  ComparisonResult result_;
};

}  // namespace cusp::analysis
