// `cusp admin backup`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Copies a coordinator's database. Registers the subcommand of `admin`.
void AddAdminBackup(CLI::App& admin, Invocation& invocation);

}  // namespace cusp::client
