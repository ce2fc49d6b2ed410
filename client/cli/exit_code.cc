#include "client/cli/exit_code.h"

#include <cstdio>
#include <string>

namespace cusp::client {
namespace {

void Print(const absl::Status& status) {
  std::string message(status.message());
  if (message.empty()) {
    message = status.ToString();
  }
  std::fprintf(stderr, "cusp: %s\n", message.c_str());
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kAlreadyExists:  // a request id used for another job
      return kExitUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnreachable;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kExitNotAllowed;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    default:
      return kExitUnexpected;
  }
}

int ReportError(const absl::Status& status) {
  Print(status);
  return ExitCodeOf(status);
}

int ReportBadInput(const absl::Status& status) {
  Print(status);
  return kExitUsage;
}

}  // namespace cusp::client
