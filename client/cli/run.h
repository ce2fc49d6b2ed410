// `cusp run`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Measures a whole job on this machine. Registers the command.
void AddRun(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
