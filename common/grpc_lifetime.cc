#include "common/grpc_lifetime.h"

#include <grpc/grpc.h>

namespace cusp {

void KeepGrpc() {
  [[maybe_unused]] static const bool kept = [] {
    grpc_init();
    return true;
  }();
}

}  // namespace cusp
