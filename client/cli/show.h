// `cusp show`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Shows one job in full. Registers the command.
void AddShow(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
