// Early returns on absl::Status and absl::StatusOr.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the function where `expr`, an absl::Status, is not OK.
#define CUSP_RETURN_IF_ERROR(expr)                                \
  do {                                                            \
    if (::absl::Status cusp_status = (expr); !cusp_status.ok()) { \
      return cusp_status;                                         \
    }                                                             \
  } while (false)

#define CUSP_STATUS_CONCAT_INNER(a, b) a##b
#define CUSP_STATUS_CONCAT(a, b) CUSP_STATUS_CONCAT_INNER(a, b)

// Assigns the value of `expr`, an absl::StatusOr, to `lhs` (which may declare a
// variable), or returns its status.
#define CUSP_ASSIGN_OR_RETURN(lhs, expr) \
  CUSP_ASSIGN_OR_RETURN_INNER(CUSP_STATUS_CONCAT(cusp_status_or_, __LINE__), lhs, expr)
#define CUSP_ASSIGN_OR_RETURN_INNER(tmp, lhs, expr) \
  auto tmp = (expr);                                \
  if (!tmp.ok()) {                                  \
    return tmp.status();                            \
  }                                                 \
  lhs = *std::move(tmp)

namespace cusp {

// The same code with `context` and ": " before the message. OK stays OK.
inline absl::Status Annotate(const absl::Status& status, const std::string& context) {
  if (status.ok()) {
    return status;
  }
  return absl::Status(status.code(), context + ": " + std::string(status.message()));
}

}  // namespace cusp
