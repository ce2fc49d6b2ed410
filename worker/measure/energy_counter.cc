#include "worker/measure/energy_counter.h"

#include <thread>

#include "common/status_macros.h"

namespace cusp::measure {

absl::StatusOr<double> EnergyCounter::ReadIdleWatts(Clock::Duration window) {
  CUSP_ASSIGN_OR_RETURN(const double before, ReadJoules());
  std::this_thread::sleep_for(window);
  CUSP_ASSIGN_OR_RETURN(const double after, ReadJoules());
  return (after - before) / std::chrono::duration<double>(window).count();
}

}  // namespace cusp::measure
