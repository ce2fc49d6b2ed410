#include "worker/daemon/runner_environment.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cusp::worker {
namespace {

constexpr std::array<std::string_view, 16> kNames = {"PATH",
                                                     "HOME",
                                                     "USER",
                                                     "LOGNAME",
                                                     "LANG",
                                                     "LANGUAGE",
                                                     "TZ",
                                                     "TMPDIR",
                                                     "LD_PRELOAD",
                                                     "TERM",
                                                     "LD_LIBRARY_PATH",
                                                     "GLIBC_TUNABLES",
                                                     "SHELL",
                                                     "XDG_CACHE_HOME",
                                                     "MALLOC_CONF",
                                                     "PYTHONPATH"};

// What libraries read to decide how they compute: a runner that lacked one would
// measure something else.
constexpr std::array<std::string_view, 25> kPrefixes = {
    "LC_",       "OMP_",    "GOMP_",   "KMP_",   "MKL_",     "OPENBLAS_", "BLIS_",
    "DNNL_",     "ONEDNN_", "ATEN_",   "TORCH_", "PYTORCH_", "CUDA_",     "CUBLAS_",
    "CUBLASLT_", "CUDNN_",  "NVIDIA_", "NCCL_",  "MALLOC_",  "TCMALLOC_", "ASAN_",
    "UBSAN_",    "LSAN_",   "TSAN_",   "CUSP_"};

// Names a file with a secret, which is no runner's business.
constexpr std::string_view kTokenFile = "CUSP_TOKEN_FILE";

bool IsWanted(std::string_view name) {
  return name != kTokenFile &&
         (std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
          std::any_of(kPrefixes.begin(), kPrefixes.end(),
                      [name](std::string_view prefix) { return name.starts_with(prefix); }));
}

}  // namespace

std::vector<std::string> RunnerEnvironment(const char* const* environment) {
  std::vector<std::string> wanted;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry(*environment);
    if (IsWanted(entry.substr(0, entry.find('=')))) {
      wanted.emplace_back(entry);
    }
  }
  return wanted;
}

}  // namespace cusp::worker
