// Facts that only the CUDA driver knows, read through dlopen: no CUDA header.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace cusp::runner {

struct CudaFacts {
  std::string name;            // "NVIDIA H200"
  std::string driver_version;  // of the kernel module, "570.86.15"; or of the API
  int64_t memory_bytes = 0;
  int clock_mhz = 0;         // highest of the multiprocessors; 0: not told
  int memory_clock_mhz = 0;  // of the memory, likewise
  std::string pci_bus_id;    // "0000:41:00.0"
};

// Facts of the device with LibTorch's index. INVALID_ARGUMENT where the driver
// or the device is missing.
absl::StatusOr<CudaFacts> ReadCudaFacts(int index);

}  // namespace cusp::runner
