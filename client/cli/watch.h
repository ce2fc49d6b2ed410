// `cusp watch`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Follows a job to its end. Registers the command.
void AddWatch(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
