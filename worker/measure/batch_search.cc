#include "worker/measure/batch_search.h"

#include <algorithm>
#include <array>

namespace cusp::measure {
namespace {

// A batch gains where it adds more than single timings scatter.
constexpr double kGain = 1.03;
constexpr double kAsGood = 0.99;

}  // namespace

BestBatchSearch::BestBatchSearch(int32_t start, double most_seconds)
    : start_(std::clamp(start, 1, kLargestBatch)), most_seconds_(most_seconds) {}

void BestBatchSearch::Add(int32_t batch, double seconds) {
  rates_[batch] = seconds > 0 ? batch / seconds : 0;
}

// Of all tries up to this one.
double BestBatchSearch::MostUpTo(int32_t batch) const {
  double most = 0;
  for (const auto& [tried, rate] : rates_) {
    most = tried <= batch ? std::max(most, rate) : most;
  }
  return most;
}

bool BestBatchSearch::IsWorthTrying(int64_t batch) const {
  if (batch < 1 || batch > kLargestBatch || rates_.contains(static_cast<int32_t>(batch))) {
    return false;
  }
  for (const auto& [tried, rate] : rates_) {
    if (rate == 0 && batch > tried) {
      return false;
    }
  }
  const double most = MostUpTo(kLargestBatch);
  return most == 0 || static_cast<double>(batch) / most <= most_seconds_;
}

std::optional<int32_t> BestBatchSearch::Upwards() const {
  int idle = 0;
  for (int64_t batch = start_; batch <= kLargestBatch; batch *= 2) {
    const auto tried = rates_.find(static_cast<int32_t>(batch));
    if (tried == rates_.end()) {
      return IsWorthTrying(batch) ? std::optional(static_cast<int32_t>(batch)) : std::nullopt;
    }
    const double before = MostUpTo(static_cast<int32_t>(batch) - 1);
    idle = tried->second > kGain * before ? 0 : idle + 1;
    if (tried->second == 0 || idle == 2) {
      break;
    }
  }
  return std::nullopt;
}

std::optional<int32_t> BestBatchSearch::Downwards() const {
  for (int32_t batch = start_; batch > 1; batch /= 2) {
    const auto half = rates_.find(batch / 2);
    if (half == rates_.end()) {
      return batch / 2;
    }
    // A smaller batch that is as good is the better one.
    if (half->second > 0 && half->second < kAsGood * MostUpTo(kLargestBatch)) {
      break;
    }
  }
  return std::nullopt;
}

std::optional<int32_t> BestBatchSearch::Between() const {
  const int64_t at = best();
  for (const int64_t batch : std::array{at * 3 / 4, at * 3 / 2}) {
    if (batch != at && IsWorthTrying(batch)) {
      return static_cast<int32_t>(batch);
    }
  }
  return std::nullopt;
}

std::optional<int32_t> BestBatchSearch::Next() const {
  if (const auto up = Upwards()) {
    return up;
  }
  if (const auto down = Downwards()) {
    return down;
  }
  // A better one in between may have others around it, but each try must gain.
  return rates_.size() < 40 && best() > 1 ? Between() : std::nullopt;
}

int32_t BestBatchSearch::best() const {
  const double most = MostUpTo(kLargestBatch);
  for (const auto& [batch, rate] : rates_) {
    if (rate > 0 && rate >= kAsGood * most) {
      return batch;
    }
  }
  return 0;
}

std::optional<int32_t> LargestBatchSearch::Next() const {
  if (fits_ == 0 && fails_ == 0) {
    return std::clamp(start_, 1, kLargestBatch);
  }
  if (fits_ == 0) {
    return fails_ == 1 ? std::nullopt : std::optional(fails_ / 2);
  }
  if (fails_ == 0) {
    return slow_ || fits_ == kLargestBatch ? std::nullopt
                                           : std::optional(std::min(2 * fits_, kLargestBatch));
  }
  if (slow_) {
    return std::nullopt;
  }
  return fails_ - fits_ <= std::max(fits_ / 16, 1) ? std::nullopt
                                                   : std::optional(fits_ + (fails_ - fits_) / 2);
}

void LargestBatchSearch::Add(int32_t batch, bool fits, double seconds) {
  slow_ = slow_ || (fits && seconds > most_seconds_);
  if (fits) {
    fits_ = std::max(fits_, batch);
  } else {
    fails_ = fails_ == 0 ? batch : std::min(fails_, batch);
  }
}

}  // namespace cusp::measure
