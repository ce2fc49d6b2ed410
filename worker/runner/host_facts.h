// What the host says about its processor and memory.
#pragma once

#include <sched.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cusp::runner {

// Name of the processor in the text of /proc/cpuinfo; the machine's
// architecture where there is none, as on Arm.
std::string ParseCpuModel(std::string_view cpuinfo);
std::string CpuModel();

// "0-3,8" for the CPUs of the set.
std::string CpuListText(const cpu_set_t& cpus);

// CPUs that this process may use.
cpu_set_t AllowedCpus();

// Memory in bytes: the machine's, or the control group's limit where lower.
int64_t HostMemoryBytes();

// Identity of the running executable as its linker wrote it; empty where the
// linker was told not to.
std::string BuildId();

}  // namespace cusp::runner
