// `cusp workers`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Shows who measures. Registers the command.
void AddWorkers(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
