// `cusp admin token`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

void AddAdminToken(CLI::App& admin, Invocation& invocation);

}  // namespace cusp::client
