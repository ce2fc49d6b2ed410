#include "server/api/gate.h"

#include <optional>
#include <string_view>

namespace cusp::server {

absl::StatusOr<Caller> Gate::Admit(const grpc::ServerContextBase& context) const {
  const auto& metadata = context.client_metadata();
  const auto it = metadata.find("authorization");
  if (it == metadata.end()) {
    return authenticator_.Check(std::nullopt);
  }
  return authenticator_.Check(std::string_view(it->second.data(), it->second.size()));
}

}  // namespace cusp::server
