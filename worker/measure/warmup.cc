#include "worker/measure/warmup.h"

#include <algorithm>
#include <cmath>

namespace cusp::measure {
namespace {

// A call counts as still falling while it takes less than this share of the
// best before it; smaller gains are within the noise of a single call.
constexpr double kFalling = 0.95;
constexpr int kMaxCalls = 10;
constexpr double kMaxCallsPerSample = 1e6;

}  // namespace

void Warmup::Add(double seconds) {
  done_ = (calls_ > 0 && seconds >= kFalling * best_) || calls_ + 1 >= kMaxCalls;
  best_ = calls_ == 0 ? seconds : std::min(best_, seconds);
  ++calls_;
}

int32_t CallsPerSample(double seconds, double sample_seconds) {
  if (!(seconds > 0)) {
    return static_cast<int32_t>(kMaxCallsPerSample);
  }
  // A tenth more, because the best warm-up call is the fastest of several.
  const double calls = std::ceil(1.1 * sample_seconds / seconds);
  if (seconds >= sample_seconds) {
    return 1;
  }
  return static_cast<int32_t>(std::clamp(calls, 1.0, kMaxCallsPerSample));
}

}  // namespace cusp::measure
