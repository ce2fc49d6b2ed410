// How steps are sampled, as far as it decides how long a job takes.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cusp::catalog {

// Calls are repeated until a sample lasts so long, well over any timer's resolution.
inline constexpr double kSampleSeconds = 20e-3;

// Starting LibTorch costs memory and time; more at once gain little.
inline constexpr int kMostProbesAtOnce = 4;

// Probes of peak memory that run at once on a CPU with `cores`: as many as have cores
// of their own. Nothing is timed meanwhile, but all of them have to end in time.
// `threads` is the job's; 0: all cores.
constexpr int ProbesAtOnce(int cores, int threads) {
  return std::clamp(cores / (threads > 0 ? threads : cores), 1, kMostProbesAtOnce);
}

}  // namespace cusp::catalog
