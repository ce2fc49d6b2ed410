// What the commands that change a job have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/invocation.h"
#include "client/lib/client.h"

namespace cusp::client {

// One call that changes the job of that whole name, and answers it.
using JobChange = std::function<absl::StatusOr<v1::Job>(Client&, const std::string& name)>;

// Finds the job by what was typed, changes it, and prints it as it is then: a line,
// or with --json all of it. The exit code.
int RunJobChange(const Invocation& invocation, const std::string& id, const JobChange& change);

// Registers a command that takes nothing but the job; the command.
CLI::App* AddJobChange(CLI::App& app, Invocation& invocation, const std::string& name,
                       const std::string& description, JobChange change);

}  // namespace cusp::client
