#include "client/lib/sweep_model.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace cusp::client {
namespace {

constexpr int kLengthsLookedAt = 256;

// Of speech, the samples that make a further frame; else what a planner takes where
// nothing is padded.
int64_t StepOf(const v1::LengthSpec& lengths) {
  constexpr int64_t kFrame = 320;
  constexpr int64_t kUnpadded = 16;
  if (lengths.quantum() > 0) {
    return lengths.quantum();
  }
  return lengths.unit() == v1::LENGTH_UNIT_SECONDS ? kFrame : kUnpadded;
}

// A length near the middle that the job may measure, or none.
std::optional<int64_t> Between(const v1::LengthSpec& lengths, int64_t low, int64_t high) {
  const int64_t step = StepOf(lengths);
  int64_t middle = (low + high) / 2 / step * step;
  if (middle <= low) {
    middle += step;
  }
  const bool inside = lengths.list().empty() && middle > low && middle < high;
  return inside ? std::optional(middle) : std::nullopt;
}

}  // namespace

std::vector<int64_t> LengthsOf(const v1::LengthSpec& spec, int count) {
  std::vector<int64_t> lengths(spec.list().begin(), spec.list().end());
  if (lengths.empty()) {
    const int64_t step = StepOf(spec);
    const auto min = static_cast<double>(spec.min());
    const double ratio = static_cast<double>(spec.max()) / min;
    for (int i = 1; i + 1 < count; ++i) {
      const double length = min * std::pow(ratio, i / (count - 1.0));
      const int64_t rounded = std::llround(length / static_cast<double>(step)) * step;
      lengths.push_back(std::clamp(rounded, spec.min(), spec.max()));
    }
    lengths.push_back(spec.min());
    lengths.push_back(spec.max());
  }
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return lengths;
}

ExpectedOrder OrderOf(const SweepModel& model, std::pair<size_t, size_t> pair, int32_t batch_size,
                      const v1::LengthSpec& spec) {
  const auto cheaper = [&](int64_t length) {
    return model.Seconds(pair.second, length, batch_size) <
           model.Seconds(pair.first, length, batch_size);
  };
  const std::vector<int64_t> lengths = LengthsOf(spec, kLengthsLookedAt);
  ExpectedOrder order;
  order.cheaper_at_first = cheaper(lengths.front());
  bool now = order.cheaper_at_first;
  for (size_t i = 1; i < lengths.size(); ++i) {
    if (cheaper(lengths[i]) == now) {
      continue;
    }
    int64_t low = lengths[i - 1];
    int64_t high = lengths[i];
    while (const auto middle = Between(spec, low, high)) {
      (cheaper(*middle) == now ? low : high) = *middle;
    }
    now = !now;
    order.changes.push_back({.length = high, .cheaper = now});
  }
  return order;
}

}  // namespace cusp::client
