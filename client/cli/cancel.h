// `cusp cancel`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Stops a job. Registers the command.
void AddCancel(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
