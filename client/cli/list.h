// `cusp list`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Shows jobs, the newest first. Registers the command.
void AddList(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
