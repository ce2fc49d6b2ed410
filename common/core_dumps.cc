#include "common/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace cusp {

void ForbidCoreDumps() {
  // The limit is inherited, but a handler that core_pattern names may ignore it; the
  // flag holds for both and ends with the next exec.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace cusp
