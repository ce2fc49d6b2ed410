// `cusp import`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Stores a job that `cusp export` wrote. Registers the command.
void AddImport(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
