// `cusp export`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Writes a job with all that was measured into one file. Registers the command.
void AddExport(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
