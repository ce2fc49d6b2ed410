// One comparison of a plan: its data, and what they say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "analysis/refine.h"

namespace cusp::analysis {

// Assessing takes milliseconds once there are thousands of blocks, so it is done when due, and
// only once somebody asks. When that is changes no assessment. Not thread-safe.
class PlannedPair {
 public:
  PlannedPair(size_t baseline, size_t candidate, RefineOptions refine)
      : baseline_(baseline), candidate_(candidate), refine_(std::move(refine)) {}

  // Indices of the variants.
  size_t baseline() const { return baseline_; }
  size_t candidate() const { return candidate_; }
  // Between measured lengths.
  int64_t step() const { return refine_.step; }

  // The lengths that are measured first, ascending.
  void SetGrid(const std::vector<int64_t>& grid) { refine_.grid = grid; }

  // Costs from one block. When exact, they take the place of those that are there.
  void Add(int64_t length, double baseline, double candidate);

  // One of the variants fails at this length, which then says nothing of their order: makes
  // the assessment due.
  void Bar(int64_t length);

  int64_t BlocksAt(int64_t length) const;

  // Blocks since the assessment was due last.
  int64_t fresh() const { return fresh_; }
  // Whether these are at least one in `share`.
  bool GrewBy(int64_t share) const { return fresh_ * share >= blocks_; }
  // The assessment shall be of the data as they are now. Cheap: it is made once somebody asks.
  void MarkDue();

  // Of the data when it was due last.
  const Assessment& assessment();
  // Of the data now; valid until they change.
  const Assessment& AssessNow();

 private:
  size_t baseline_;
  size_t candidate_;
  RefineOptions refine_;
  std::map<int64_t, LengthData> data_;
  std::set<int64_t> barred_;
  int64_t blocks_ = 0;  // added
  int64_t fresh_ = 0;
  std::map<int64_t, size_t> due_;  // blocks of each length that are to be assessed
  bool is_due_ = true;
  Assessment assessment_;
  std::optional<Assessment> now_;  // where it was asked for since the data changed
};

}  // namespace cusp::analysis
