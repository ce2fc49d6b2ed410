// `cusp admin prune`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Drops the samples of jobs that ended long ago. Registers the subcommand of `admin`.
void AddAdminPrune(CLI::App& admin, Invocation& invocation);

}  // namespace cusp::client
