// Which role may do what. Pure functions.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace cusp::server {

// What a token is for. The numbers are the protocol's, and those stored.
enum class Role { kReader = 1, kSubmitter = 2, kWorker = 3, kAdmin = 4 };

// What a call asks for; each method of each service names one.
enum class Permission {
  kRead,
  kFetch,   // apart: what workers need too, such as the blocks that they go on after
  kSubmit,  // and change what is one's own
  kMeasure,
  kAdminister,
};

// The one table.
bool Allows(Role role, Permission permission);

// "reader", "submitter", "worker", "admin".
std::string_view RoleText(Role role);

// PERMISSION_DENIED with the remedy, for a call that Allows() refuses.
absl::Status Refusal(Role role, Permission permission);

}  // namespace cusp::server
