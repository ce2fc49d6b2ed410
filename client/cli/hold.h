// `cusp hold`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Starts nothing more of a job. Registers the command.
void AddHold(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
