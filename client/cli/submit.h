// `cusp submit`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Queues a job. Registers the command.
void AddSubmit(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
