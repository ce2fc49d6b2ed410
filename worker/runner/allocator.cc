#include "worker/runner/allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
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

// A tensor from this size on must leave the headroom free.
constexpr size_t kLargeBytes = 1 << 20;

// For everything else: oneDNN writes through null where a small allocation of
// its own fails, so tensors must never take the last bytes.
constexpr rlim_t kHeadroomBytes = 64 << 20;

// The address sanitizer reserves terabytes for itself, and all of it counts as
// data: in its builds a limit is checked against what is resident, and not set.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kLimitsData = false;
#else
constexpr bool kLimitsData = true;
#endif

// LibTorch's own allocator for CPU tensors, under a lower limit for large ones.
// Two system calls, well under a microsecond, for each of those.
class HeadroomAllocator final : public c10::Allocator {
 public:
  HeadroomAllocator(c10::Allocator& base, rlimit limit) : base_(base), limit_(limit) {}

  c10::DataPtr allocate(size_t bytes) override {
    if (bytes < kLargeBytes) {
      return base_.allocate(bytes);
    }
    const Narrowed narrowed(limit_);
    return base_.allocate(bytes);
  }

  c10::DeleterFnPtr raw_deleter() const override { return base_.raw_deleter(); }

  void copy_data(void* to, const void* from, size_t bytes) const override {
    base_.copy_data(to, from, bytes);
  }

 private:
  // Also ends where the allocation throws.
  class Narrowed {
   public:
    explicit Narrowed(const rlimit& whole) : whole_(whole) {
      rlimit narrow = whole;
      narrow.rlim_cur -= std::min(narrow.rlim_cur, kHeadroomBytes);
      setrlimit(RLIMIT_DATA, &narrow);
    }
    ~Narrowed() { setrlimit(RLIMIT_DATA, &whole_); }
    Narrowed(const Narrowed&) = delete;
    Narrowed& operator=(const Narrowed&) = delete;

   private:
    const rlimit& whole_;
  };

  c10::Allocator& base_;
  rlimit limit_;
};

void KeepHeadroom(const rlimit& limit) {
  // Lives as long as the process: tensors may be freed while it ends.
  static auto* const allocator = new HeadroomAllocator(*c10::GetCPUAllocator(), limit);
  constexpr uint8_t kAboveDefault = 1;
  c10::SetCPUAllocator(allocator, kAboveDefault);
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
  CUSP_ASSIGN_OR_RETURN(const int64_t used, ReadProcessStatus(kLimitsData ? "VmData" : "VmRSS"));
  if (bytes <= used + static_cast<int64_t>(kHeadroomBytes)) {
    return absl::InvalidArgumentError("memory limit of " + std::to_string(bytes) +
                                      " bytes: the runner itself takes " + std::to_string(used) +
                                      "; raise --memory-limit well above that");
  }
  if (!kLimitsData) {
    return absl::OkStatus();
  }
  rlimit limit{};
  getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = std::min(static_cast<rlim_t>(bytes), limit.rlim_max);
  if (setrlimit(RLIMIT_DATA, &limit) != 0) {
    return absl::InternalError(std::string("setrlimit(RLIMIT_DATA): ") + std::strerror(errno));
  }
  KeepHeadroom(limit);
  return absl::OkStatus();
}

}  // namespace cusp::runner
