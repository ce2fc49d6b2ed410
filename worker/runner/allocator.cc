#include "worker/runner/allocator.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/file.h"
#include "common/status_macros.h"
#include "worker/runner/process_status.h"

namespace cusp::runner {
namespace {

constexpr int kMmapThresholdBytes = 64 << 10;
constexpr size_t kMaxSysFileBytes = 4096;

// The word in brackets of "always [madvise] never".
std::string TransparentHugePages() {
  const auto text = ReadFile("/sys/kernel/mm/transparent_hugepage/enabled", kMaxSysFileBytes);
  if (!text.ok()) {
    return "unknown";
  }
  const size_t open = text->find('[');
  const size_t close = text->find(']');
  return open < close && close != std::string::npos ? text->substr(open + 1, close - open - 1)
                                                    : "unknown";
}

}  // namespace

std::string FixAllocator(v1::StartRequest::Purpose purpose) {
  // One arena: memory that one thread frees serves all others.
  mallopt(M_ARENA_MAX, 1);
  if (purpose == v1::StartRequest::PURPOSE_MEMORY) {
    mallopt(M_MMAP_THRESHOLD, kMmapThresholdBytes);
    mallopt(M_TRIM_THRESHOLD, 0);
    mallopt(M_TOP_PAD, 0);
    // A huge page would count as used in whole.
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    return "glibc arena_max=1 mmap_threshold=65536 trim_threshold=0 top_pad=0 thp=off";
  }
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  return "glibc arena_max=1 mmap_max=0 trim_threshold=-1 thp=" + TransparentHugePages();
}

void ReleaseFreeMemory() { malloc_trim(0); }

absl::Status LimitData(int64_t bytes) {
  if (bytes == 0) {
    return absl::OkStatus();
  }
  CUSP_ASSIGN_OR_RETURN(const int64_t used, ReadProcessStatus("VmData"));
  if (bytes <= used) {
    return absl::InvalidArgumentError("memory limit of " + std::to_string(bytes) +
                                      " bytes: the runner itself takes " + std::to_string(used) +
                                      "; raise --memory-limit well above that");
  }
  rlimit limit{};
  getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = std::min(static_cast<rlim_t>(bytes), limit.rlim_max);
  if (setrlimit(RLIMIT_DATA, &limit) != 0) {
    return absl::InternalError(std::string("setrlimit(RLIMIT_DATA): ") + std::strerror(errno));
  }
  return absl::OkStatus();
}

}  // namespace cusp::runner
