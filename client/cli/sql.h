// `cusp sql`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Runs read-only SQL on the stored history. Registers the command.
void AddSql(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
