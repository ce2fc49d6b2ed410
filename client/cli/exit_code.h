// Exit codes of `cusp`, and the one way in which commands report errors.
#pragma once

#include "absl/status/status.h"

namespace cusp::client {

// A contract with scripts: numbers never change.
enum ExitCode : int {
  kExitDone = 0,
  kExitUnexpected = 1,
  kExitUsage = 2,  // the command line, the job file or another input file
  kExitUnreachable = 3,
  kExitNotAllowed = 4,
  kExitNotFound = 5,
  kExitJobFailed = 6,
  kExitJobCancelled = 7,
  kExitUndecided = 8,  // with --strict
  kExitWorkerDied = 9,
  kExitTimeout = 124,
};

// The code for an error of a call to the coordinator, by its status code.
ExitCode ExitCodeOf(const absl::Status& status);

// Prints "cusp: …" to stderr and returns ExitCodeOf(status).
int ReportError(const absl::Status& status);

// The same for faults of files and flags that the user gave: always
// kExitUsage, whatever the status code.
int ReportBadInput(const absl::Status& status);

}  // namespace cusp::client
