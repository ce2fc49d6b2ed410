#include "worker/daemon/nvml.h"

#include <dlfcn.h>

#include <array>
#include <utility>

#include "absl/status/status.h"
#include "common/status_macros.h"

namespace cusp::worker {
namespace {

// Prototypes and numbers of NVML, which is stable C: nvmlReturn_t is an enum, nvmlDevice_t a
// pointer. https://docs.nvidia.com/deploy/nvml-api
constexpr int kSuccess = 0;
constexpr unsigned kGraphicsClock = 0;
constexpr unsigned kMemoryClock = 2;
constexpr unsigned kGpuTemperature = 0;
constexpr size_t kVersionBytes = 80;

// nvmlProcessInfo_t since version 2 of the call.
struct ProcessInfo {
  unsigned pid;
  unsigned long long used_bytes;
  unsigned gpu_instance;
  unsigned compute_instance;
};

// Idleness is no reason to hold a clock down that anybody needs.
constexpr unsigned long long kIdle = 0x1;

}  // namespace

struct NvmlDevice::Library {
  void* handle = nullptr;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*by_pci_bus_id)(const char*, void**) = nullptr;
  int (*energy)(void*, unsigned long long*) = nullptr;
  int (*clock)(void*, unsigned, unsigned*) = nullptr;
  int (*power)(void*, unsigned*) = nullptr;
  int (*temperature)(void*, unsigned, unsigned*) = nullptr;
  int (*limits)(void*, unsigned long long*) = nullptr;
  int (*processes)(void*, unsigned*, ProcessInfo*) = nullptr;
  int (*driver_version)(char*, unsigned) = nullptr;
  bool initialised = false;

  ~Library() {
    if (initialised && shutdown != nullptr) {
      shutdown();
    }
    if (handle != nullptr) {
      dlclose(handle);
    }
  }

  template <typename Function>
  void Find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(dlsym(handle, name));
  }

  // Of a function that may be missing, or may not know this device.
  template <typename Value, typename... Arguments>
  Value Ask(int (*function)(void*, Arguments...), void* device, auto... first) const {
    Value value{};
    return function != nullptr && function(device, first..., &value) == kSuccess ? value : Value{};
  }

  std::string Words(int code) const {
    return error_string != nullptr ? error_string(code) : "error " + std::to_string(code);
  }
};

NvmlDevice::NvmlDevice(std::unique_ptr<Library> library, void* device)
    : library_(std::move(library)), device_(device) {}

NvmlDevice::~NvmlDevice() = default;

absl::StatusOr<std::unique_ptr<NvmlDevice>> NvmlDevice::Open(const std::string& library,
                                                             const std::string& pci_bus_id) {
  auto found = std::make_unique<Library>();
  found->handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (found->handle == nullptr) {
    const char* reason = dlerror();
    return absl::NotFoundError(reason != nullptr ? reason : library);
  }
  found->Find("nvmlInit_v2", found->init);
  found->Find("nvmlShutdown", found->shutdown);
  found->Find("nvmlErrorString", found->error_string);
  found->Find("nvmlDeviceGetHandleByPciBusId_v2", found->by_pci_bus_id);
  found->Find("nvmlDeviceGetTotalEnergyConsumption", found->energy);
  found->Find("nvmlDeviceGetClockInfo", found->clock);
  found->Find("nvmlDeviceGetPowerUsage", found->power);
  found->Find("nvmlDeviceGetTemperature", found->temperature);
  // Drivers before 535 have the older name alone.
  found->Find("nvmlDeviceGetCurrentClocksEventReasons", found->limits);
  if (found->limits == nullptr) {
    found->Find("nvmlDeviceGetCurrentClocksThrottleReasons", found->limits);
  }
  found->Find("nvmlDeviceGetComputeRunningProcesses_v3", found->processes);
  found->Find("nvmlSystemGetDriverVersion", found->driver_version);
  if (found->init == nullptr || found->by_pci_bus_id == nullptr) {
    return absl::NotFoundError(library + " is no management library of NVIDIA");
  }
  if (const int code = found->init(); code != kSuccess) {
    return absl::NotFoundError(library + ": " + found->Words(code));
  }
  found->initialised = true;
  void* device = nullptr;
  if (const int code = found->by_pci_bus_id(pci_bus_id.c_str(), &device); code != kSuccess) {
    return absl::NotFoundError(library + ": device " + pci_bus_id + ": " + found->Words(code));
  }
  return std::unique_ptr<NvmlDevice>(new NvmlDevice(std::move(found), device));
}

std::string NvmlDevice::DriverVersion() const {
  std::array<char, kVersionBytes> version{};
  return library_->driver_version != nullptr &&
                 library_->driver_version(version.data(), kVersionBytes) == kSuccess
             ? version.data()
             : "";
}

measure::DeviceState NvmlDevice::Read() {
  measure::DeviceState state;
  state.graphics_clock_mhz =
      static_cast<int>(library_->Ask<unsigned>(library_->clock, device_, kGraphicsClock));
  state.memory_clock_mhz =
      static_cast<int>(library_->Ask<unsigned>(library_->clock, device_, kMemoryClock));
  state.power_watts = library_->Ask<unsigned>(library_->power, device_) * 1e-3;
  state.temperature_celsius =
      static_cast<int>(library_->Ask<unsigned>(library_->temperature, device_, kGpuTemperature));
  state.clock_limits =
      static_cast<int64_t>(library_->Ask<unsigned long long>(library_->limits, device_) & ~kIdle);
  // With no room for any, the call tells how many there are.
  unsigned count = 0;
  if (library_->processes != nullptr) {
    library_->processes(device_, &count, nullptr);
  }
  state.processes = static_cast<int>(count);
  return state;
}

absl::StatusOr<double> NvmlDevice::ReadJoules() {
  unsigned long long millijoules = 0;
  if (library_->energy == nullptr) {
    return absl::UnavailableError("the driver has no counter of energy");
  }
  if (const int code = library_->energy(device_, &millijoules); code != kSuccess) {
    return absl::UnavailableError("the counter of energy: " + library_->Words(code));
  }
  return static_cast<double>(millijoules) * 1e-3;
}

}  // namespace cusp::worker
