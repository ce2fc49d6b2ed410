// The energy counter of a CPU.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "worker/measure/energy_counter.h"

namespace cusp::worker {

// Sum over the CPU packages that Linux' powercap interface shows (RAPL of Intel and AMD,
// Documentation/power/powercap). Counters there wrap around.
class PowercapCounter final : public measure::EnergyCounter {
 public:
  // Reads `folder`, /sys/class/powercap or one like it. NOT_FOUND where no package has a
  // counter there, PERMISSION_DENIED where this user may not read it.
  static absl::StatusOr<std::unique_ptr<PowercapCounter>> Open(const std::string& folder);

  absl::StatusOr<double> ReadJoules() override;

 private:
  struct Package {
    std::string file;
    double range_microjoules = 0;  // it counts to this and begins again
    double last = 0;
    double total = 0;
  };

  explicit PowercapCounter(std::vector<Package> packages) : packages_(std::move(packages)) {}

  std::vector<Package> packages_;
};

}  // namespace cusp::worker
