#include "worker/daemon/backoff.h"

#include <algorithm>

namespace cusp::worker {
namespace {

constexpr std::chrono::milliseconds kFirst{200};
constexpr std::chrono::milliseconds kLongest{5000};
constexpr int kMaxDoublings = 10;

}  // namespace

std::chrono::milliseconds Backoff::Next() {
  const auto full = std::min(kFirst * (1 << std::min(tries_, kMaxDoublings)), kLongest);
  ++tries_;
  const double share = 0.5 + 0.5 * random_.Uniform();
  return std::chrono::duration_cast<std::chrono::milliseconds>(full * share);
}

}  // namespace cusp::worker
