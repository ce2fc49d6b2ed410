// The command that measures a job once more.
#pragma once

#include <string>

#include "client/cli/invocation.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

// One line for a POSIX shell: writes the job's file to a new name in the current folder,
// then runs it on this machine where the job is of a private coordinator (`is_private`),
// or submits it again. Flags that found the coordinator are repeated. Pure.
std::string RepeatCommand(const v1::Job& job, const Invocation& invocation, bool is_private);

// The command and the versions that it was measured with, as the last lines of a table.
std::string RenderRepeat(const std::string& command, const v1::JobResult& result);

}  // namespace cusp::client
