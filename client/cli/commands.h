// Every command of `cusp`, in one explicit list.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Sets up `app` with the common flags and all subcommands. `invocation` must
// outlive `app`.
void AddCommands(CLI::App& app, Invocation& invocation);

// Parses a command line for such an app and runs the command; the exit code.
int RunCommandLine(CLI::App& app, Invocation& invocation, int argc, const char* const* argv);

}  // namespace cusp::client
