// `cusp priority`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Moves a job in the queue. Registers the command.
void AddPriority(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
