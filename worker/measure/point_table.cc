#include "worker/measure/point_table.h"

#include <algorithm>
#include <utility>

#include "catalog/lengths.h"
#include "worker/measure/outcome.h"

namespace cusp::measure {
namespace {

constexpr int kTries = 3;

absl::Status StatusOfSample(const v1::Sample& sample) {
  switch (sample.outcome()) {
    case v1::OUTCOME_OUT_OF_MEMORY:
      return absl::ResourceExhaustedError(sample.failure_message());
    case v1::OUTCOME_TIMED_OUT:
      return absl::DeadlineExceededError(sample.failure_message());
    case v1::OUTCOME_INVALID:
      return absl::InvalidArgumentError(sample.failure_message());
    case v1::OUTCOME_CRASHED:
      return absl::UnavailableError(sample.failure_message());
    default:
      return absl::OkStatus();
  }
}

}  // namespace

void PointTable::Restore(const v1::Block& block) {
  for (const v1::Sample& sample : block.samples()) {
    const PointKey key{.variant = setup_.IndexOf(sample.variant()),
                       .length = block.length(),
                       .batch_size = block.batch_size()};
    Point& point = points_[key];
    if (sample.metric() == v1::METRIC_FIRST_TOKEN) {
      ++point.first_tokens;
      continue;
    }
    if (sample.metric() != v1::METRIC_LATENCY) {
      continue;
    }
    point.failure = StatusOfSample(sample);
    if (absl::IsResourceExhausted(point.failure)) {
      auto [it, added] = exhausted_.try_emplace({key.variant, key.batch_size}, key.length);
      it->second = std::min(it->second, key.length);
    }
    if (sample.outcome() == v1::OUTCOME_OK) {
      point.seconds = sample.value();
      point.calls = std::max(sample.calls(), 1);
    }
  }
}

absl::Status PointTable::OutOfMemory(const PointKey& key, int64_t at) const {
  int64_t fitted = 0;
  for (const auto& [other, point] : points_) {
    if (other.variant == key.variant && other.batch_size == key.batch_size && other.length < at &&
        point.seconds > 0) {
      fitted = std::max(fitted, other.length);
    }
  }
  const auto text = [this](int64_t length) {
    return catalog::LengthText(length, setup_.target.spec.lengths().unit());
  };
  std::string message = "out of memory at length " + text(at);
  message += fitted > 0 ? "; the longest measured that fits is " + text(fitted)
                        : "; no shorter length was measured";
  return absl::ResourceExhaustedError(message);
}

absl::Status PointTable::Usable(const PointKey& key) const {
  const auto limit = exhausted_.find({key.variant, key.batch_size});
  if (limit != exhausted_.end() && key.length >= limit->second) {
    return OutOfMemory(key, limit->second);
  }
  const auto it = points_.find(key);
  return it == points_.end() ? absl::OkStatus() : it->second.failure;
}

void PointTable::Failed(const PointKey& key, const absl::Status& status) {
  Point& point = points_[key];
  ++point.failures;
  if (absl::IsResourceExhausted(status)) {
    auto [it, added] = exhausted_.try_emplace({key.variant, key.batch_size}, key.length);
    it->second = std::min(it->second, key.length);
  } else if (!IsTransient(status) || point.failures >= kTries) {
    point.failure = status;
  }
}

void PointTable::Warmed(const PointKey& key, double seconds, int32_t calls, int64_t generation) {
  Point& point = points_[key];
  point.seconds = seconds;
  point.calls = calls;
  point.generation = generation;
}

bool PointTable::IsWarm(const PointKey& key, int64_t generation) const {
  const auto it = points_.find(key);
  return it != points_.end() && it->second.generation == generation;
}

int PointTable::FirstTokens(const PointKey& key) const {
  const auto it = points_.find(key);
  return it == points_.end() ? 0 : it->second.first_tokens;
}

int32_t PointTable::Calls(const PointKey& key) const {
  const auto it = points_.find(key);
  return it == points_.end() ? 1 : it->second.calls;
}

double PointTable::Seconds(const PointKey& key) const {
  const auto it = points_.find(key);
  return it == points_.end() ? 0 : it->second.seconds;
}

double PointTable::ExpectedSeconds(const PointKey& key) const {
  double expected = 0;
  double nearest = 0;
  for (const auto& [other, point] : points_) {
    if (other.variant != key.variant || point.seconds <= 0) {
      continue;
    }
    const double size = static_cast<double>(key.length) / static_cast<double>(other.length);
    const double batch =
        static_cast<double>(key.batch_size) / static_cast<double>(other.batch_size);
    const double distance = std::max(size, 1 / size) * std::max(batch, 1 / batch);
    if (nearest == 0 || distance < nearest) {
      nearest = distance;
      expected = point.seconds * std::max(1.0, size * size) * std::max(1.0, batch);
    }
  }
  return expected;
}

}  // namespace cusp::measure
