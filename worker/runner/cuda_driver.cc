#include "worker/runner/cuda_driver.h"

#include <dlfcn.h>

#include <array>

#include "absl/status/status.h"
#include "absl/strings/strip.h"
#include "common/file.h"

namespace cusp::runner {
namespace {

constexpr char kDriverLibrary[] = "libcuda.so.1";
constexpr size_t kMaxVersionBytes = 256;

// Prototypes of the driver API, which is stable C: CUresult and CUdevice are
// ints. https://docs.nvidia.com/cuda/cuda-driver-api
using CuInit = int (*)(unsigned int flags);
using CuDeviceGet = int (*)(int* device, int ordinal);
using CuDeviceGetName = int (*)(char* name, int size, int device);
using CuDeviceTotalMem = int (*)(size_t* bytes, int device);
using CuDeviceGetAttribute = int (*)(int* value, int attribute, int device);
using CuDeviceGetPciBusId = int (*)(char* id, int size, int device);
using CuDriverGetVersion = int (*)(int* version);

// Of CUdevice_attribute; both are in kHz.
constexpr int kClockRate = 13;
constexpr int kMemoryClockRate = 36;

template <typename Function>
Function Symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

std::string PciBusId(void* library, int device) {
  std::array<char, 32> id{};
  const auto get = Symbol<CuDeviceGetPciBusId>(library, "cuDeviceGetPCIBusId");
  return get != nullptr && get(id.data(), static_cast<int>(id.size()), device) == 0 ? id.data()
                                                                                    : "";
}

std::string DriverVersion(void* library) {
  const auto module = ReadFile("/sys/module/nvidia/version", kMaxVersionBytes);
  if (module.ok()) {
    return std::string(absl::StripSuffix(*module, "\n"));
  }
  int version = 0;
  const auto get_version = Symbol<CuDriverGetVersion>(library, "cuDriverGetVersion");
  if (get_version == nullptr || get_version(&version) != 0) {
    return "unknown";
  }
  // 12080 is CUDA 12.8.
  return "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

int MegahertzOf(void* library, int attribute, int device) {
  int kilohertz = 0;
  const auto get = Symbol<CuDeviceGetAttribute>(library, "cuDeviceGetAttribute");
  return get != nullptr && get(&kilohertz, attribute, device) == 0 ? kilohertz / 1000 : 0;
}

}  // namespace

absl::StatusOr<CudaFacts> ReadCudaFacts(int index) {
  // Never closed: LibTorch uses the same library until the process ends.
  void* library = dlopen(kDriverLibrary, RTLD_NOW);
  if (library == nullptr) {
    const char* reason = dlerror();
    return absl::InvalidArgumentError(std::string("device: no CUDA driver: ") +
                                      (reason != nullptr ? reason : kDriverLibrary));
  }
  const auto init = Symbol<CuInit>(library, "cuInit");
  const auto get = Symbol<CuDeviceGet>(library, "cuDeviceGet");
  const auto get_name = Symbol<CuDeviceGetName>(library, "cuDeviceGetName");
  const auto total_memory = Symbol<CuDeviceTotalMem>(library, "cuDeviceTotalMem_v2");
  std::array<char, 256> name{};
  size_t bytes = 0;
  int device = 0;
  if (init == nullptr || get == nullptr || get_name == nullptr || total_memory == nullptr ||
      init(0) != 0 || get(&device, index) != 0 ||
      get_name(name.data(), static_cast<int>(name.size()), device) != 0 ||
      total_memory(&bytes, device) != 0) {
    return absl::InvalidArgumentError("device: the CUDA driver does not describe device " +
                                      std::to_string(index));
  }
  return CudaFacts{.name = name.data(),
                   .driver_version = DriverVersion(library),
                   .memory_bytes = static_cast<int64_t>(bytes),
                   .clock_mhz = MegahertzOf(library, kClockRate, device),
                   .memory_clock_mhz = MegahertzOf(library, kMemoryClockRate, device),
                   .pci_bus_id = PciBusId(library, device)};
}

}  // namespace cusp::runner
