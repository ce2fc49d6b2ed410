// What a device's own counter says of the energy that it used.
#pragma once

#include "absl/status/statusor.h"
#include "common/clock.h"

namespace cusp::measure {

// Used from one thread at a time.
class EnergyCounter {
 public:
  virtual ~EnergyCounter() = default;

  // Joules since a time in the past; only differences mean something. UNAVAILABLE.
  virtual absl::StatusOr<double> ReadJoules() = 0;

  // Waits so long with the device idle, as far as this worker goes, and gives its mean power
  // in watts. Errors as above.
  virtual absl::StatusOr<double> ReadIdleWatts(Clock::Duration window);
};

}  // namespace cusp::measure
