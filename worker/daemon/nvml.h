// NVIDIA's management library, read through dlopen: no header of theirs.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/measure/device_watch.h"
#include "worker/measure/energy_counter.h"

namespace cusp::worker {

// One GPU. What its driver does not tell is 0 or empty. Used from one thread at a time.
class NvmlDevice final : public measure::EnergyCounter, public measure::DeviceWatch {
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

  measure::DeviceState Read() override;

  // Since the driver was loaded; of Volta and later.
  absl::StatusOr<double> ReadJoules() override;

 private:
  struct Library;
  NvmlDevice(std::unique_ptr<Library> library, void* device);

  std::unique_ptr<Library> library_;
  void* device_;
};

}  // namespace cusp::worker
