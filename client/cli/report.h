// The end of a command that shows what a job found.
#pragma once

#include "absl/status/statusor.h"
#include "client/cli/invocation.h"
#include "client/lib/client.h"

namespace cusp::client {

// Fetches the job and its findings anew, and prints them to stdout as a table
// or as JSON. The exit code: that of the job's state, or `ended_by` where it
// is not 0 (a timeout, a signal); with `strict` and nothing worse,
// kExitUndecided where a comparison is undecided.
int ReportFindings(Client& client, const std::string& name, const Invocation& invocation,
                   bool strict, int ended_by);

// kExitUndecided where one of the comparisons is, else kExitDone.
int StrictExitCode(const v1::JobResult& result);

}  // namespace cusp::client
