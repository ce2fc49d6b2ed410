#include "worker/measure/device_watch.h"

#include <array>

namespace cusp::measure {
namespace {

struct Limit {
  int64_t bit;
  const char* name;
};
// https://docs.nvidia.com/deploy/nvml-api, nvmlClocksEventReasons.
constexpr std::array<Limit, 8> kLimits = {{{0x2, "application clocks"},
                                           {0x4, "power cap"},
                                           {0x8, "hardware slowdown"},
                                           {0x10, "sync boost"},
                                           {0x20, "thermal slowdown"},
                                           {0x40, "hardware thermal slowdown"},
                                           {0x80, "hardware power brake"},
                                           {0x100, "display clocks"}}};

}  // namespace

std::string ClockLimitsText(int64_t clock_limits) {
  std::string text;
  for (const Limit& limit : kLimits) {
    if ((clock_limits & limit.bit) != 0) {
      text += (text.empty() ? "" : ", ");
      text += limit.name;
    }
  }
  return text;
}

}  // namespace cusp::measure
