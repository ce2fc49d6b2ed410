// `cusp results`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Prints and exports what a job found. Registers the command.
void AddResults(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
