// The job that a command is about.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/invocation.h"
#include "client/cli/session.h"

namespace cusp::client {

// A connection and the job found there.
struct JobTarget {
  std::unique_ptr<Session> session;
  v1::Job job;  // with its whole name, whatever was typed
};

// Adds the argument ID, required.
std::shared_ptr<std::string> AddJobArgument(CLI::App& command);

// Connects and finds the job by its id or the beginning of it. As
// Session::Open; NOT_FOUND; INVALID_ARGUMENT where several fit.
absl::StatusOr<JobTarget> OpenJob(const Invocation& invocation, const std::string& id);

}  // namespace cusp::client
