#include "worker/runner/memory.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "common/status_macros.h"
#include "worker/runner/process_status.h"

namespace cusp::runner {
namespace {

#ifndef MADV_POPULATE_READ
constexpr int MADV_POPULATE_READ = 22;  // Linux 5.14; glibc 2.36 names it
#endif

void PopulateFileMappings() {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    uintptr_t begin = 0;
    uintptr_t end = 0;
    char readable = '-';
    if (line.find('/') == std::string::npos ||
        std::sscanf(line.c_str(), "%lx-%lx %c", &begin, &end, &readable) != 3 || readable != 'r') {
      continue;
    }
    // An older kernel refuses; the probe is then a few megabytes less exact.
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_READ);
  }
}

// Sets the high-water mark to what is in use now, so that a passing peak of
// LibTorch's start can't hide the model's.
void ResetHighWaterMark() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace

absl::Status MemoryProbe::TakeBaseline(bool exact) {
  if (!device_.is_cpu()) {
    c10::getDeviceAllocator(device_.type())->resetPeakStats(device_.index());
  } else if (exact) {
    PopulateFileMappings();
  }
  ResetHighWaterMark();
  CUSP_ASSIGN_OR_RETURN(baseline_bytes_, ReadProcessStatus("VmHWM"));
  return absl::OkStatus();
}

absl::StatusOr<v1::MemoryResponse> MemoryProbe::Read() const {
  v1::MemoryResponse response;
  CUSP_ASSIGN_OR_RETURN(const int64_t host_peak, ReadProcessStatus("VmHWM"));
  response.set_host_peak_bytes(host_peak);
  response.set_host_baseline_bytes(baseline_bytes_);
  if (device_.is_cpu()) {
    // The kernel counts pages: what is not seen fits into one.
    response.set_peak_bytes(std::max<int64_t>(host_peak - baseline_bytes_, sysconf(_SC_PAGESIZE)));
    return response;
  }
  c10::DeviceAllocator* const allocator = c10::getDeviceAllocator(device_.type());
  constexpr auto kAll = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  const auto stats = allocator->getDeviceStats(device_.index());
  response.set_peak_bytes(stats.allocated_bytes.at(kAll).peak);
  response.set_peak_reserved_bytes(stats.reserved_bytes.at(kAll).peak);
  // What the allocator reserved stays so after the step, so this is the device's peak.
  const auto [free, total] = allocator->getMemoryInfo(device_.index());
  response.set_device_used_bytes(static_cast<int64_t>(total - free));
  return response;
}

int64_t MemoryProbe::AllocatorRetries() const {
  if (device_.is_cpu()) {
    return 0;
  }
  return c10::getDeviceAllocator(device_.type())->getDeviceStats(device_.index()).num_alloc_retries;
}

}  // namespace cusp::runner
