// Steps per second, on one thread or several, and quantiles of what was seen.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace cusp {

inline constexpr std::chrono::milliseconds kSlice{1000};

// Calls `step` for `slice`; answers steps per second.
inline double PerSecond(const std::function<bool()>& step,
                        std::chrono::milliseconds slice = kSlice) {
  const auto start = std::chrono::steady_clock::now();
  int64_t steps = 0;
  while (std::chrono::steady_clock::now() - start < slice && step()) {
    ++steps;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return static_cast<double>(steps) / seconds.count();
}

// The same on `n` threads; answers their sum.
inline double Together(int n, const std::function<double(int)>& each) {
  std::vector<double> rates(static_cast<size_t>(n));
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) {
    threads.emplace_back([&, i] { rates[static_cast<size_t>(i)] = each(i); });
  }
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    threads[static_cast<size_t>(i)].join();
    sum += rates[static_cast<size_t>(i)];
  }
  return sum;
}

// `share` 0.5 is the median.
inline double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

}  // namespace cusp
