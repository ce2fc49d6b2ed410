#include "server/auth/permissions.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace cusp::server {
namespace {

struct Row {
  Role role;
  std::string_view text;
  std::array<bool, 5> may;  // by Permission
};

constexpr Row kRows[] = {
    // role, text                     read, fetch, submit, measure, administer
    {Role::kReader, "reader", {true, true, false, false, false}},
    {Role::kSubmitter, "submitter", {true, true, true, false, false}},
    {Role::kWorker, "worker", {false, true, false, true, false}},
    {Role::kAdmin, "admin", {true, true, true, true, true}},
};

// nullptr for a number that is no role: it may do nothing.
const Row* RowOf(Role role) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [role](const Row& one) { return one.role == role; });
  return row == std::end(kRows) ? nullptr : row;
}

std::string_view Doing(Permission permission) {
  switch (permission) {
    case Permission::kRead:
    case Permission::kFetch:
      return "read";
    case Permission::kSubmit:
      return "submit or change jobs";
    case Permission::kMeasure:
      return "measure";
    case Permission::kAdminister:
      return "administer";
  }
  return "do this";
}

}  // namespace

bool Allows(Role role, Permission permission) {
  const Row* row = RowOf(role);
  return row != nullptr && row->may.at(static_cast<size_t>(permission));
}

std::string_view RoleText(Role role) {
  const Row* row = RowOf(role);
  return row == nullptr ? "unknown" : row->text;
}

absl::Status Refusal(Role role, Permission permission) {
  std::string roles;
  for (const Row& row : kRows) {
    if (Allows(row.role, permission)) {
      roles += (roles.empty() ? "" : " or ") + std::string(row.text);
    }
  }
  return absl::PermissionDeniedError("a token of role " + std::string(RoleText(role)) +
                                     " may not " + std::string(Doing(permission)) +
                                     "; ask an administrator for one of role " + roles);
}

}  // namespace cusp::server
