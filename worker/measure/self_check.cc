#include "worker/measure/self_check.h"

#include <algorithm>
#include <iterator>

#include "common/random.h"
#include "worker/measure/same_again.h"

namespace cusp::measure {
namespace {

constexpr size_t kBaseline = 0;
constexpr size_t kWanted = 8;
constexpr size_t kFewest = 4;

}  // namespace

SelfCheck::SelfCheck(const SweepSetup& setup, const std::vector<int64_t>& grid, int32_t batch_size)
    : setup_(setup), length_(grid[grid.size() > 1 ? 1 : 0]), batch_size_(batch_size) {}

bool SelfCheck::Wanting() const { return ratios_.size() < kWanted; }

std::optional<size_t> SelfCheck::Insert(int32_t batch_size, analysis::PlannedBlock& planned) const {
  std::vector<size_t>& variants = planned.variants;
  if (planned.length != length_ || batch_size != batch_size_ || !Wanting() ||
      std::find(variants.begin(), variants.end(), kBaseline) == variants.end()) {
    return std::nullopt;
  }
  Random random(setup_.target.spec.seed());
  for (size_t i = 0; i < ratios_.size(); ++i) {
    random.Next();
  }
  const size_t at = random.Below(variants.size() + 1);
  variants.insert(variants.begin() + static_cast<std::ptrdiff_t>(at), kBaseline);
  return at;
}

void SelfCheck::Add(const v1::Block& block) {
  if (block.length() != length_ || block.batch_size() != batch_size_) {
    return;
  }
  double first = 0;
  double again = 0;
  for (const v1::Sample& sample : block.samples()) {
    if (sample.outcome() != v1::OUTCOME_OK || sample.variant() != setup_.variants[kBaseline].name) {
      continue;
    }
    if (sample.metric() == v1::METRIC_LATENCY) {
      first = sample.value();
    } else if (sample.metric() == v1::METRIC_SAME_AGAIN) {
      again = sample.value();
    }
  }
  if (first > 0 && again > 0) {
    ratios_.push_back(again / first);
  }
}

std::optional<v1::SelfCheck> SelfCheck::Result() const {
  if (ratios_.size() < kFewest) {
    return std::nullopt;
  }
  const SameAgain found = JudgeSameAgain(ratios_);
  v1::SelfCheck check;
  check.set_variant(setup_.variants[kBaseline].name);
  check.set_length(length_);
  check.set_batch_size(batch_size_);
  check.set_mode(setup_.target.mode);
  check.set_dtype(setup_.target.dtype);
  check.set_blocks(static_cast<int64_t>(ratios_.size()));
  check.set_median_ratio(found.ratio);
  check.set_low(found.low);
  check.set_high(found.high);
  check.set_differs(found.differs);
  return check;
}

}  // namespace cusp::measure
