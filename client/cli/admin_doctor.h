// `cusp admin doctor`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Looks at what commonly goes wrong. Registers the subcommand of `admin`.
void AddAdminDoctor(CLI::App& admin, Invocation& invocation);

}  // namespace cusp::client
