// NVIDIA's management library, read through dlopen: no header of theirs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/measure/energy_counter.h"

namespace cusp::worker {

// What a GPU does now.
struct GpuState {
  int graphics_clock_mhz = 0;
  int memory_clock_mhz = 0;
  double power_watts = 0;
  int temperature_celsius = 0;
  // Why clocks are below their maximum, in words ("power cap, thermal slowdown"); empty where
  // nothing but idleness holds them.
  std::string throttle_reasons;
  int processes = 0;  // that compute on it, this worker's runner included
};

// One GPU. What its driver does not tell is 0 or empty. Used from one thread at a time.
class NvmlDevice final : public measure::EnergyCounter {
 public:
  // The device with this PCI bus id ("0000:41:00.0"), by the library of this name or path.
  // NOT_FOUND where either is missing, with the library's words.
  static absl::StatusOr<std::unique_ptr<NvmlDevice>> Open(const std::string& library,
                                                          const std::string& pci_bus_id);
  ~NvmlDevice() override;
  NvmlDevice(const NvmlDevice&) = delete;
  NvmlDevice& operator=(const NvmlDevice&) = delete;

  // "570.86.15".
  std::string DriverVersion() const;

  GpuState Read() const;

  // Since the driver was loaded; of Volta and later.
  absl::StatusOr<double> ReadJoules() override;

 private:
  struct Library;
  NvmlDevice(std::unique_ptr<Library> library, void* device);

  std::unique_ptr<Library> library_;
  void* device_;
};

}  // namespace cusp::worker
