// `cusp retry`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Queues what is missing of a job again. Registers the command.
void AddRetry(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
