#include "analysis/planned_pair.h"

namespace cusp::analysis {

void PlannedPair::Add(int64_t length, double baseline, double candidate) {
  LengthData& at = data_[length];
  at.length = length;
  if (refine_.compare.exact) {
    at.pairs.assign(1, {baseline, candidate});
  } else {
    at.pairs.push_back({baseline, candidate});
  }
  ++blocks_;
  ++fresh_;
  now_.reset();
}

void PlannedPair::Bar(int64_t length) {
  const bool counted = data_.erase(length) > 0;
  if (barred_.insert(length).second || counted) {
    MarkDue();
  }
}

int64_t PlannedPair::BlocksAt(int64_t length) const {
  const auto at = data_.find(length);
  return at == data_.end() ? 0 : static_cast<int64_t>(at->second.pairs.size());
}

void PlannedPair::MarkDue() {
  fresh_ = 0;
  is_due_ = true;
  for (const auto& [length, at] : data_) {
    due_[length] = at.pairs.size();
  }
}

const Assessment& PlannedPair::assessment() {
  if (is_due_) {
    std::vector<LengthData> data;
    for (const auto& [length, at] : data_) {
      if (const auto due = due_.find(length); due != due_.end()) {
        data.push_back(at);
        data.back().pairs.resize(due->second);
      }
    }
    assessment_ = Assess(data, {barred_.begin(), barred_.end()}, refine_);
    is_due_ = false;
  }
  return assessment_;
}

const Assessment& PlannedPair::AssessNow() {
  if (fresh_ == 0) {
    return assessment();
  }
  if (!now_.has_value()) {
    std::vector<LengthData> data;
    data.reserve(data_.size());
    for (const auto& [length, at] : data_) {
      data.push_back(at);
    }
    now_ = Assess(data, {barred_.begin(), barred_.end()}, refine_);
  }
  return *now_;
}

}  // namespace cusp::analysis
