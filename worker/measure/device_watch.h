// What an accelerator does beside the samples of a block.
#pragma once

#include <cstdint>
#include <string>

namespace cusp::measure {

// As its driver tells; what it doesn't is 0.
struct DeviceState {
  int graphics_clock_mhz = 0;
  int memory_clock_mhz = 0;
  double power_watts = 0;
  int temperature_celsius = 0;
  // Why clocks are below their maximum: bits of nvmlClocksEventReasons, without idleness.
  int64_t clock_limits = 0;
  int processes = 0;  // that compute on it, the runner included
};

// Clock limits that are faults of cooling or supply. Power caps are no such thing: large
// matrix products meet them on a sound machine, and both variants do within a block.
inline constexpr int64_t kSlowdowns = 0x8 | 0x20 | 0x40 | 0x80;

// "power cap, thermal slowdown"; empty without any.
std::string ClockLimitsText(int64_t clock_limits);

// Used from one thread at a time.
class DeviceWatch {
 public:
  virtual ~DeviceWatch() = default;
  virtual DeviceState Read() = 0;
};

}  // namespace cusp::measure
