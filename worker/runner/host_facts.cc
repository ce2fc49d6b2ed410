#include "worker/runner/host_facts.h"

#include <elf.h>
#include <link.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

#include "absl/strings/escaping.h"
#include "common/file.h"

namespace cusp::runner {
namespace {

constexpr size_t kMaxCpuinfoBytes = 16 << 20;
constexpr size_t kMaxCgroupBytes = 4096;

std::string Machine() {
  utsname name{};
  return uname(&name) == 0 ? std::string(name.machine) + " processor" : "processor";
}

// Limit of the innermost control group; -1 for none.
int64_t ControlGroupLimit() {
  const auto membership = ReadFile("/proc/self/cgroup", kMaxCgroupBytes);
  if (!membership.ok()) {
    return -1;
  }
  const size_t at = membership->find("0::/");
  if (at == std::string::npos) {
    return -1;
  }
  const std::string path = membership->substr(at + 3, membership->find('\n', at) - at - 3);
  const auto text = ReadFile("/sys/fs/cgroup" + path + "/memory.max", kMaxCgroupBytes);
  int64_t limit = -1;
  if (text.ok()) {
    std::from_chars(text->data(), text->data() + text->size(), limit);
  }
  return limit;
}

size_t AlignNote(size_t bytes) { return (bytes + 3) & ~size_t{3}; }

// The GNU build id among the notes at `notes`; empty if there is none.
std::string FindBuildId(const char* notes, size_t size) {
  size_t at = 0;
  while (at + sizeof(ElfW(Nhdr)) <= size) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes + at, sizeof(header));
    const size_t name = at + sizeof(header);
    const size_t description = name + AlignNote(header.n_namesz);
    if (description + header.n_descsz > size) {
      return "";
    }
    if (header.n_type == NT_GNU_BUILD_ID &&
        std::string_view(notes + name, header.n_namesz) == std::string_view("GNU\0", 4)) {
      return absl::BytesToHexString(absl::string_view(notes + description, header.n_descsz));
    }
    at = description + AlignNote(header.n_descsz);
  }
  return "";
}

// The executable itself comes first; a value other than 0 ends the walk there.
int VisitExecutable(dl_phdr_info* info, size_t /*size*/, void* out) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) {
      continue;
    }
    const std::string id = FindBuildId(
        reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr), segment.p_memsz);
    if (!id.empty()) {
      *static_cast<std::string*>(out) = id;
      break;
    }
  }
  return 1;
}

}  // namespace

std::string ParseCpuModel(std::string_view cpuinfo) {
  constexpr std::string_view kKey = "model name";
  const size_t line = cpuinfo.find(kKey);
  const size_t colon = line == std::string_view::npos ? line : cpuinfo.find(':', line);
  if (colon == std::string_view::npos) {
    return Machine();
  }
  const std::string_view value = cpuinfo.substr(colon + 1, cpuinfo.find('\n', colon) - colon - 1);
  const size_t first = value.find_first_not_of(' ');
  return first == std::string_view::npos ? Machine() : std::string(value.substr(first));
}

std::string CpuModel() {
  const auto text = ReadFile("/proc/cpuinfo", kMaxCpuinfoBytes);
  return ParseCpuModel(text.ok() ? *text : "");
}

std::string CpuListText(const cpu_set_t& cpus) {
  std::string list;
  for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &cpus)) {
      continue;
    }
    const size_t first = cpu;
    while (cpu + 1 < CPU_SETSIZE && CPU_ISSET(cpu + 1, &cpus)) {
      ++cpu;
    }
    list += (list.empty() ? "" : ",") + std::to_string(first);
    if (cpu > first) {
      list += "-" + std::to_string(cpu);
    }
  }
  return list;
}

cpu_set_t AllowedCpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  sched_getaffinity(0, sizeof(cpus), &cpus);
  return cpus;
}

int64_t HostMemoryBytes() {
  const int64_t machine = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  const int64_t group = ControlGroupLimit();
  return group > 0 && group < machine ? group : machine;
}

std::string BuildId() {
  std::string id;
  dl_iterate_phdr(VisitExecutable, &id);
  return id;
}

}  // namespace cusp::runner
