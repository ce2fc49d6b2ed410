// `cusp release`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Undoes a hold. Registers the command.
void AddRelease(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
