#include "worker/daemon/machine_facts.h"

#include <gnu/libc-version.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

#include "common/file.h"

namespace cusp::worker {
namespace {

constexpr size_t kMaxCpuinfoBytes = 16 << 20;
constexpr size_t kMaxValueBytes = 4096;
constexpr int kKilohertzPerMegahertz = 1000;

// The first word of a file of one value; empty where there is none.
std::string ReadWord(const std::filesystem::path& path) {
  std::istringstream text(ReadFile(path.string(), kMaxValueBytes).value_or(""));
  std::string word;
  text >> word;
  return word;
}

int ReadMegahertz(const std::filesystem::path& path) {
  std::istringstream text(ReadWord(path));
  int kilohertz = 0;
  text >> kilohertz;
  return kilohertz / kKilohertzPerMegahertz;
}

// The value of the first line of `cpuinfo` that begins with `key`.
std::string_view CpuinfoValue(std::string_view cpuinfo, std::string_view key) {
  const size_t line = cpuinfo.starts_with(key) ? 0 : cpuinfo.find("\n" + std::string(key));
  const size_t colon = line == std::string_view::npos ? line : cpuinfo.find(": ", line);
  if (colon == std::string_view::npos) {
    return "";
  }
  return cpuinfo.substr(colon + 2, cpuinfo.find('\n', colon) - colon - 2);
}

bool HasWord(std::string_view words, const std::string& word) {
  return (" " + std::string(words) + " ").find(" " + word + " ") != std::string::npos;
}

// Governors and frequencies over all policies: each belongs to one or more CPUs.
void ReadFrequencies(const std::filesystem::path& cpufreq, MachineFacts& facts) {
  std::set<std::string> governors;
  std::error_code error;
  for (const auto& policy : std::filesystem::directory_iterator(cpufreq, error)) {
    const std::string governor = ReadWord(policy.path() / "scaling_governor");
    const int low = ReadMegahertz(policy.path() / "scaling_min_freq");
    const int high = ReadMegahertz(policy.path() / "scaling_max_freq");
    if (!governor.empty()) {
      governors.insert(governor);
    }
    if (low > 0) {
      facts.cpu_min_mhz = facts.cpu_min_mhz == 0 ? low : std::min(facts.cpu_min_mhz, low);
    }
    facts.cpu_max_mhz = std::max(facts.cpu_max_mhz, high);
  }
  for (const std::string& governor : governors) {
    facts.cpu_governor += (facts.cpu_governor.empty() ? "" : ",") + governor;
  }
}

}  // namespace

MachineFacts ReadMachineFacts(const std::string& root) {
  MachineFacts facts;
  const std::filesystem::path folder(root);
  ReadFrequencies(folder / "sys/devices/system/cpu/cpufreq", facts);
  facts.cpus = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  facts.libc = std::string("glibc ") + gnu_get_libc_version();
  const std::string cpuinfo =
      ReadFile((folder / "proc/cpuinfo").string(), kMaxCpuinfoBytes).value_or("");
  facts.microcode = CpuinfoValue(cpuinfo, "microcode");
  facts.virtual_machine = HasWord(CpuinfoValue(cpuinfo, "flags"), "hypervisor");
  return facts;
}

MachineLoad ReadMachineLoad(const std::string& root) {
  std::istringstream text(
      ReadFile((std::filesystem::path(root) / "proc/loadavg").string(), kMaxValueBytes)
          .value_or(""));
  double last_minute = 0;
  double skipped = 0;
  int runnable = 0;
  MachineLoad load;
  if (text >> last_minute >> skipped >> skipped >> runnable) {
    load.average = last_minute;
    load.runnable_threads = std::max(runnable - 1, 0);
  }
  return load;
}

}  // namespace cusp::worker
