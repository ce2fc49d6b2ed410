#include "common/grpc_setup.h"

#include <grpc/grpc.h>

#include "absl/synchronization/mutex.h"

namespace cusp {

void SetUpGrpc() {
  [[maybe_unused]] static const bool done = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    grpc_init();
    return true;
  }();
}

}  // namespace cusp
